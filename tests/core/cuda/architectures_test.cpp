#include "tern/core/cuda/architectures.h"

#include "tests/support/catch.h"

namespace tern::cuda {
namespace {

TEST_CASE("architectures: machine code runs on the same major version, from its minor version on") {
  CHECK(runs_on("80-real", 8, 0));
  CHECK(runs_on("80-real", 8, 9));
  CHECK_FALSE(runs_on("86-real", 8, 0));
  CHECK_FALSE(runs_on("80-real", 9, 0));
  CHECK_FALSE(runs_on("80-real", 7, 5));
  CHECK(runs_on("120-real", 12, 1));
}

TEST_CASE("architectures: the driver compiles PTX for any later GPU, and a number alone holds it") {
  for (const char* compiled : {"80-virtual", "80"}) {
    CHECK(runs_on(compiled, 8, 0));
    CHECK(runs_on(compiled, 12, 0));
    CHECK_FALSE(runs_on(compiled, 7, 5));
  }
}

TEST_CASE("architectures: code for the features of one architecture runs there alone") {
  for (const char* compiled : {"90a", "90a-real", "90a-virtual"}) {
    CHECK(runs_on(compiled, 9, 0));
    CHECK_FALSE(runs_on(compiled, 10, 0));
  }
}

TEST_CASE("architectures: one of several suffices") {
  CHECK(runs_on("75-real,80-real,90a-real,120", 8, 6));
  CHECK(runs_on("75-real,80-real,90a-real,120", 12, 1));
  CHECK_FALSE(runs_on("75-real,80-real,90a-real,120", 10, 0));
  CHECK(runs_on("native", 7, 5));
  CHECK_FALSE(runs_on("", 8, 0));
}

}  // namespace
}  // namespace tern::cuda
