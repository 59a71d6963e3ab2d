#include "tern/core/caching_allocator.h"

#include <map>
#include <new>
#include <set>

#include "tests/support/catch.h"

namespace tern {
namespace {

/// Has `capacity` bytes to give, in steps of 16.
class SmallSystem final : public CachingAllocator {
 public:
  explicit SmallSystem(std::size_t capacity) : capacity_(capacity) {}
  ~SmallSystem() override {
    for (auto& [block, size] : blocks_) ::operator delete(block);
  }
  std::size_t blocks() const { return blocks_.size(); }

 private:
  std::size_t block_size(std::size_t bytes) const override { return (bytes + 15) / 16 * 16; }
  void* system_allocate(std::size_t size) override {
    if (size > capacity_) return nullptr;
    capacity_ -= size;
    void* block = ::operator new(size);
    blocks_.emplace(block, size);
    return block;
  }
  void system_free(void* block) noexcept override {
    capacity_ += blocks_.at(block);
    blocks_.erase(block);
    ::operator delete(block);
  }

  std::size_t capacity_;
  std::map<void*, std::size_t> blocks_;
};

TEST_CASE("caching_allocator: a repeated step asks the system for nothing") {
  SmallSystem system(1000);
  for (int step = 0; step < 3; ++step) {
    void* a = system.allocate(100);
    void* b = system.allocate(100);
    void* c = system.allocate(30);
    CHECK(std::set<void*>{a, b, c}.size() == 3);
    system.deallocate(a, 100);
    system.deallocate(b, 100);
    system.deallocate(c, 30);
  }
  CHECK(system.memory().system_allocations == (CachingAllocator::recycles() ? 3 : 9));
}

TEST_CASE("caching_allocator: sizes that round to the same share their blocks") {
  SmallSystem system(1000);
  for (const std::size_t bytes : {0, 1, 15, 16}) system.deallocate(system.allocate(bytes), bytes);
  CHECK(system.memory().system_allocations == (CachingAllocator::recycles() ? 1 : 4));
}

TEST_CASE("caching_allocator: what is live, was live at most, and is cached") {
  SmallSystem system(1000);
  void* a = system.allocate(100);
  void* b = system.allocate(20);
  CHECK(system.memory().live_bytes == 112 + 32);
  system.deallocate(a, 100);
  CHECK(system.memory().live_bytes == 32);
  CHECK(system.memory().peak_bytes == 112 + 32);
  CHECK(system.memory().cached_bytes == (CachingAllocator::recycles() ? 112 : 0));
  system.deallocate(b, 20);
  CHECK(system.memory().live_bytes == 0);
}

TEST_CASE("caching_allocator: cached blocks go back before the system runs out") {
  SmallSystem system(256);
  void* a = system.allocate(128);
  void* b = system.allocate(128);
  CHECK(system.allocate(16) == nullptr);
  CHECK(system.memory().live_bytes == 256);
  system.deallocate(a, 128);
  void* c = system.allocate(64);
  REQUIRE(c != nullptr);
  CHECK(system.memory().cached_bytes == 0);
  CHECK(system.blocks() == 2);
  system.deallocate(b, 128);
  system.deallocate(c, 64);
}

}  // namespace
}  // namespace tern
