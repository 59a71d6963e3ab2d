#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/global_avg_pool2d.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> global_avg_pool2d_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const std::int64_t channels = shape[-1], pixels = shape[1] * shape[2];
  const auto forward = [=] {
    return Operation{{test::random_tensor(shape, 1)},
                     [](Tensors& in) { return Tensors{kernels::global_avg_pool2d(in[0])}; },
                     [=](const Tensors& in) {
                       const auto* x = in[0].data<float>();
                       return std::vector<Values>{generate(shape[0] * channels, [=](std::int64_t i) {
                         const auto* image = x + i / channels * pixels * channels;
                         double sum = 0;
                         for (std::int64_t p = 0; p < pixels; ++p) sum += image[p * channels + i % channels];
                         return sum / static_cast<double>(pixels);
                       })};
                     }};
  };
  const auto backward = [=] {
    return Operation{
        {test::random_tensor({shape[0], channels}, 1)},
        [=](Tensors& in) { return Tensors{kernels::global_avg_pool2d_backward(in[0], shape, DType::f32)}; },
        [=](const Tensors& in) {
          const auto* dy = in[0].data<float>();
          return std::vector<Values>{generate(shape.numel(), [=](std::int64_t i) {
            return double{dy[i / (pixels * channels) * channels + i % channels]} /
                   static_cast<double>(pixels);
          })};
        }};
  };
  return {operation("global_avg_pool2d", shape, forward),
          operation("global_avg_pool2d_backward", shape, backward)};
}

const CaseGroup kGlobalAvgPool2d("op/global_avg_pool2d", &global_avg_pool2d_cases);

}  // namespace
}  // namespace tern::bench
