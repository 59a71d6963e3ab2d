#include "tern/layers/functions/cast.h"

#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/add.h"
#include "tests/support/bfloat16.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

TEST_CASE("cast: the value rounds to bf16, the gradient widens again") {
  const Device device = test::each_device();
  const Tensor values = test::random_tensor({3, 7}, 1), dy = test::rounded(test::random_tensor({3, 7}, 2));
  const Variable x(values.to(device), true);
  const Variable y = cast(x, DType::bf16);
  CHECK(test::bit_difference(y.value(), test::rounded(values)) == "");
  y.backward(dy.to(device));
  CHECK(test::bit_difference(x.grad(), test::widened(dy)) == "");
}

TEST_CASE("cast: to the dtype that it has, a variable is what it was") {
  const Variable x(Tensor::zeros({3}), true);
  CHECK(cast(x, DType::f32).value().shares_storage_with(x.value()));
}

TEST_CASE("cast: bf16 gradients of two paths are added in bf16") {
  const Device device = test::each_device();
  const Variable x(test::random_tensor({300}, 1).to(device), true);
  const Variable narrow = cast(x, DType::bf16);
  const Tensor dy = test::rounded(test::random_tensor({300}, 2));
  add(narrow, narrow).backward(dy.to(device));
  std::vector<double> twice = test::as_doubles(dy);
  for (double& g : twice) g *= 2;  // a power of two: exact
  CHECK(test::difference(x.grad(), twice, 0.0) == "");
}
