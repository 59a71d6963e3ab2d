#include "tern/layers/functions/hardtanh.h"

#include "tests/support/catch.h"
#include "tests/support/devices.h"

using namespace tern;

TEST_CASE("hardtanh: a worked example, the limits pass no gradient") {
  const Device device = test::each_device();
  const Variable x(Tensor::from<float>({6}, {-2, -1, -0.5F, 0.5F, 1, 3}).to(device), true);
  const Variable y = hardtanh(x);
  CHECK(y.value().to_vector<float>() == std::vector<float>{-1, -1, -0.5F, 0.5F, 1, 1});
  y.backward(Tensor::full({6}, 3).to(device));
  CHECK(x.grad().to_vector<float>() == std::vector<float>{0, 0, 3, 3, 0, 0});
}
