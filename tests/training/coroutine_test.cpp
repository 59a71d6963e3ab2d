#include "tern/training/coroutine.h"

#include <memory>
#include <stdexcept>
#include <string>

#include "tests/support/catch.h"

namespace tern {
namespace {

TEST_CASE("coroutine: body and caller take turns, and the body begins at the first one") {
  std::string course;
  std::unique_ptr<Coroutine> coroutine;
  coroutine = std::make_unique<Coroutine>([&] {
    course += "a";
    coroutine->suspend();
    course += "b";
    coroutine->suspend();
    course += "c";
  });
  course += "1";
  CHECK(coroutine->resume());
  course += "2";
  CHECK(coroutine->resume());
  course += "3";
  CHECK_FALSE(coroutine->resume());
  CHECK(course == "1a2b3c");
}

TEST_CASE("coroutine: what the body throws, its caller gets") {
  Coroutine coroutine([] { throw std::runtime_error("of the body"); });
  CHECK_THROWS_WITH(coroutine.resume(), "of the body");
}

TEST_CASE(
    "coroutine: one that is destroyed in the middle frees what its body holds, one before its start does "
    "nothing") {
  const auto held = std::make_shared<int>(0);
  bool began = false, went_on = false;
  {
    std::unique_ptr<Coroutine> middle;
    middle = std::make_unique<Coroutine>([&, held] {
      const std::shared_ptr<int> copy = held;
      middle->suspend();
      went_on = true;
    });
    const Coroutine idle([&] { began = true; });
    middle->resume();
    CHECK(held.use_count() == 3);
  }
  CHECK(held.use_count() == 1);
  CHECK_FALSE(began);
  CHECK_FALSE(went_on);
}

}  // namespace
}  // namespace tern
