#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/max_pool2d.h"
#include "tests/reference/pool2d.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

constexpr kernels::PoolWindow kWindow{3, 2, 1};

std::vector<Case> max_pool2d_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const auto forward = [=] {
    return Operation{{test::random_tensor(shape, 1)},
                     [](Tensors& in) { return Tensors{kernels::max_pool2d(in[0], kWindow).y}; },
                     [](const Tensors& in) {
                       return std::vector<Values>{test::as_doubles(reference::max_pool2d(in[0], kWindow))};
                     }};
  };
  const auto backward = [=] {
    const Tensor x = test::random_tensor(shape, 1);
    const auto [y, argmax] = kernels::max_pool2d(x, kWindow);
    return Operation{
        {test::random_tensor(y.shape(), 2), argmax},
        [=](Tensors& in) { return Tensors{kernels::max_pool2d_backward(in[0], in[1], shape, kWindow)}; },
        [=](const Tensors& in) {
          return std::vector<Values>{test::as_doubles(reference::max_pool2d_backward(in[0], x, kWindow))};
        }};
  };
  return {operation("max_pool2d", shape, forward), operation("max_pool2d_backward", shape, backward)};
}

const CaseGroup kMaxPool2d("op/max_pool2d", &max_pool2d_cases);

}  // namespace
}  // namespace tern::bench
