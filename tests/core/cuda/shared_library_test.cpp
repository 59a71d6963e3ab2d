#include "tern/core/cuda/shared_library.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"

namespace tern::cuda {
namespace {

TEST_CASE("shared library: the first of its files that is there is loaded") {
  const SharedLibrary library("the library of C", {"libmissing-for-tern.so.1", "libc.so.6"}, "install it");
  int (*absolute)(int) = nullptr;
  library.find("abs", absolute);
  CHECK(absolute(-3) == 3);
}

TEST_CASE("shared library: one that is missing is an error that names it, the file and what to do") {
  CHECK_THROWS_WITH(
      SharedLibrary("Fancy", {"libmissing-for-tern.so.1", "/missing/for/tern.so"}, "install it"),
      Catch::Contains("Fancy cannot be loaded: libmissing-for-tern.so.1") && Catch::Contains("; install it"));
}

TEST_CASE("shared library: a function that it does not have is an error that names both") {
  const SharedLibrary library("the library of C", {"libc.so.6"}, "install it");
  void (*missing)() = nullptr;
  CHECK_THROWS_WITH(library.find("tern_has_no_such_function", missing),
                    Catch::Contains("the library of C") && Catch::Contains("tern_has_no_such_function"));
}

}  // namespace
}  // namespace tern::cuda
