#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/scale_channels.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> scale_channels_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const std::int64_t channels = shape[-1];
  return {operation("scale_channels", shape, [=] {
    return Operation{{test::random_integers(shape, 1, 500), test::random_tensor({channels}, 2),
                      test::random_tensor({channels}, 3)},
                     [](Tensors& in) { return Tensors{kernels::scale_channels(in[0], in[1], in[2])}; },
                     [=](const Tensors& in) {
                       const auto* x = in[0].data<std::int16_t>();
                       const auto *factor = in[1].data<float>(), *bias = in[2].data<float>();
                       return std::vector<Values>{generate(in[0].numel(), [=](std::int64_t i) {
                         return double{factor[i % channels]} * x[i] + bias[i % channels];
                       })};
                     }};
  })};
}

const CaseGroup kScaleChannels("op/scale_channels", &scale_channels_cases);

}  // namespace
}  // namespace tern::bench
