#include "tern/kernels/cpu/packed/kernels.h"

#include <cstdlib>
#include <string>

#include "tests/support/catch.h"

using namespace tern;

TEST_CASE("packed kernels: each table is found by its name, the best without one") {
  REQUIRE(!packed::available_kernels().empty());
  for (const packed::Kernels* table : packed::available_kernels()) {
    CHECK(&packed::choose_kernels(table->name) == table);
  }
  CHECK(&packed::choose_kernels(nullptr) == packed::available_kernels().front());
  CHECK(&packed::choose_kernels("") == packed::available_kernels().front());
  CHECK(packed::available_kernels().back()->name == std::string("scalar"));
}

TEST_CASE("packed kernels: a name that is not there is refused with those that are") {
  CHECK_THROWS_WITH(
      packed::choose_kernels("avx3"),
      Catch::Matchers::StartsWith("TERN_CPU=avx3: no kernels of that name run on this CPU; it has ") &&
          Catch::Matchers::Contains("scalar"));
}

#ifdef __wasm__
TEST_CASE("packed kernels: in WebAssembly those of its SIMD are the best") {
  CHECK(packed::available_kernels().front()->name == std::string("wasm"));
}
#endif

// Run by ctest once for each value of TERN_CPU.
TEST_CASE("packed kernels: TERN_CPU decides", "[.][chosen]") {
  const char* wanted = std::getenv("TERN_CPU");
  REQUIRE(wanted != nullptr);
  for (const packed::Kernels* table : packed::available_kernels()) {
    if (table->name != std::string(wanted)) continue;
    CHECK(&packed::kernels() == table);
    return;
  }
  CHECK_THROWS_WITH(packed::kernels(), Catch::Matchers::StartsWith("TERN_CPU=" + std::string(wanted)));
}
