#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/avg_pool2d.h"
#include "tests/reference/pool2d.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

constexpr kernels::PoolWindow kWindow{2, 2, 0};

std::vector<Case> avg_pool2d_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const auto forward = [=] {
    return Operation{{test::random_tensor(shape, 1)},
                     [](Tensors& in) { return Tensors{kernels::avg_pool2d(in[0], kWindow)}; },
                     [](const Tensors& in) {
                       return std::vector<Values>{test::as_doubles(reference::avg_pool2d(in[0], kWindow))};
                     }};
  };
  const auto backward = [=] {
    return Operation{
        {test::random_tensor(kernels::pooled_shape("tern-bench", shape, kWindow), 2)},
        [=](Tensors& in) { return Tensors{kernels::avg_pool2d_backward(in[0], shape, kWindow)}; },
        [=](const Tensors& in) {
          const Tensor x = Tensor::zeros(shape);
          return std::vector<Values>{test::as_doubles(reference::avg_pool2d_backward(in[0], x, kWindow))};
        }};
  };
  return {operation("avg_pool2d", shape, forward), operation("avg_pool2d_backward", shape, backward)};
}

const CaseGroup kAvgPool2d("op/avg_pool2d", &avg_pool2d_cases);

}  // namespace
}  // namespace tern::bench
