#include "tern/layers/functions/ternary_activation.h"

#include "tern/core/safetensors.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/fixtures.h"

using namespace tern;

TEST_CASE("ternary_activation: every golden file, to the bit") {
  const Device device = test::each_device();
  for (const auto& path : test::fixture_files("ternary_activation*.safetensors")) {
    INFO(path.string());
    const SafetensorsFile file = SafetensorsFile::open(path);
    const Variable x(file.read("x").to(device), true);
    const Variable y = ternary_activation(x);
    CHECK(test::difference(y.value(), test::as_doubles(file.read("y")), 0.0) == "");
    y.backward(file.read("dy").to(device));
    CHECK(test::difference(x.grad(), test::as_doubles(file.read("dx")), 0.0) == "");
  }
}
