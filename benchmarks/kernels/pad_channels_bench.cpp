#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/pad_channels.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> pad_channels_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const std::int64_t narrow = shape[-1], wide = 2 * narrow;
  const Shape wide_shape{shape[0], shape[1], shape[2], wide};
  const auto forward = [=] {
    return Operation{{test::random_tensor(shape, 1)},
                     [=](Tensors& in) { return Tensors{kernels::pad_channels(in[0], wide)}; },
                     [=](const Tensors& in) {
                       const auto* x = in[0].data<float>();
                       return std::vector<Values>{generate(wide_shape.numel(), [=](std::int64_t i) {
                         const std::int64_t c = i % wide;
                         return c < narrow ? x[i / wide * narrow + c] : 0;
                       })};
                     }};
  };
  const auto backward = [=] {
    return Operation{{test::random_tensor(wide_shape, 1)},
                     [=](Tensors& in) { return Tensors{kernels::pad_channels_backward(in[0], narrow)}; },
                     [=](const Tensors& in) {
                       const auto* dy = in[0].data<float>();
                       return std::vector<Values>{generate(shape.numel(), [=](std::int64_t i) {
                         return dy[i / narrow * wide + i % narrow];
                       })};
                     }};
  };
  return {operation("pad_channels", shape, forward), operation("pad_channels_backward", shape, backward)};
}

const CaseGroup kPadChannels("op/pad_channels", &pad_channels_cases);

}  // namespace
}  // namespace tern::bench
