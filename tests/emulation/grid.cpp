#include "emulation/grid.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <numeric>
#include <random>
#include <vector>

#include "emulation/block.h"
#include "emulation/device_limits.h"
#include "emulation/devices.h"
#include "emulation/sanitizers.h"

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

namespace tern::emulation {
namespace {

Order chosen_order = Order::forward;

/// 0 .. count - 1 in the chosen order.
std::vector<unsigned> ordered(std::size_t count, std::minstd_rand& random) {
  std::vector<unsigned> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0U);
  if (chosen_order == Order::reverse) std::reverse(numbers.begin(), numbers.end());
  if (chosen_order == Order::shuffled) std::shuffle(numbers.begin(), numbers.end(), random);
  return numbers;
}

void check_shape(const std::string& kernel, const dim3& grid, const dim3& block, std::size_t shared_bytes) {
  const auto require = [&](bool holds, const char* what) {
    if (!holds) throw KernelError("kernel " + kernel + ": cannot be launched: " + what);
  };
  require(volume(grid) > 0 && volume(block) > 0, "the grid or the block is empty");
  require(volume(block) <= kMaxThreadsPerBlock && block.z <= kMaxBlockZ,
          "more threads than a block may have");
  require(grid.x <= kMaxGridX && grid.y <= kMaxGridYZ && grid.z <= kMaxGridYZ,
          "more blocks than a grid may have");
  require(shared_bytes <= kMaxSharedBytes, "more shared memory than a block gets");
}

void run_blocks(const std::string& kernel, std::size_t shared_bytes, const std::function<void()>& body) {
  std::minstd_rand random(1);
  std::vector<unsigned> threads = ordered(volume(blockDim), random);
  Block block(blockDim, shared_bytes, body);
  for (const unsigned number : ordered(volume(gridDim), random)) {
    blockIdx = index_in(gridDim, number);
    if (chosen_order == Order::shuffled) std::shuffle(threads.begin(), threads.end(), random);
    try {
      block.run(threads);
    } catch (const std::exception& error) {
      throw KernelError("kernel " + kernel + ", block " + to_string(blockIdx) + ", thread " +
                        to_string(threadIdx) + ": " + error.what());
    }
  }
}

}  // namespace

void set_order(Order order) {
  chosen_order = order;
}

void check_argument(const char* kernel, const void* argument, std::size_t bytes) {
  if (device_count() == 1) return;
  const char* const begin = static_cast<const char*>(argument);
  for (const void* word = nullptr; bytes >= sizeof word; bytes -= sizeof word) {
    std::memcpy(&word, begin + bytes - sizeof word, sizeof word);
    const int device = device_of(word);
    if (device == kNoDevice || device == current_device()) continue;
    throw KernelError("kernel " + std::string(kernel) + ": is launched on device " +
                      std::to_string(current_device()) + " with a pointer to memory of device " +
                      std::to_string(device));
  }
}

void run_grid(const char* kernel, dim3 grid, dim3 block, std::size_t shared_bytes,
              const std::function<void()>& body) {
  static std::mutex one_at_a_time;  // threadIdx and its kin are of the process
  const std::lock_guard<std::mutex> lock(one_at_a_time);
  const UnwatchedByThreadSanitizer unwatched;
  check_shape(kernel, grid, block, shared_bytes);
  blockDim = block;
  gridDim = grid;
  order_launch();
  try {
    run_blocks(kernel, shared_bytes, body);
  } catch (...) {
    order_return();
    throw;
  }
  order_return();
}

}  // namespace tern::emulation
