#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/channel_sums.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> channel_sums_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const std::int64_t channels = shape[-1], rows = shape.numel() / channels;
  const auto sums = [=](const Tensors& in) {
    const auto* x = in[0].data<std::int16_t>();
    Values both = sum_rows(shape.numel(), channels, [=](std::int64_t i) { return x[i]; });
    const Values squares =
        sum_rows(shape.numel(), channels, [=](std::int64_t i) { return double{1} * x[i] * x[i]; });
    both.insert(both.end(), squares.begin(), squares.end());
    return std::vector<Values>{both};
  };
  const auto statistics = [=](const Tensors& in) {
    const auto* s = in[0].data<std::int64_t>();
    const auto mean = [=](std::int64_t c) { return static_cast<double>(s[c]) / static_cast<double>(rows); };
    return std::vector<Values>{generate(channels, mean), generate(channels, [=](std::int64_t c) {
                                 return mean(channels + c) - mean(c) * mean(c);
                               })};
  };
  return {operation("channel_sums", shape,
                    [=] {
                      return Operation{{test::random_integers(shape, 1, 500)},
                                       [](Tensors& in) { return Tensors{kernels::channel_sums(in[0])}; },
                                       sums};
                    }),
          operation("statistics_of_sums", {2, channels}, [=] {
            return Operation{{kernels::channel_sums(test::random_integers(shape, 1, 500))},
                             [=](Tensors& in) {
                               const auto s = kernels::statistics_of_sums(in[0], rows);
                               return Tensors{s.mean, s.variance};
                             },
                             statistics};
          })};
}

const CaseGroup kChannelSums("op/channel_sums", &channel_sums_cases);

}  // namespace
}  // namespace tern::bench
