#include "tests/support/ternary_convolution_check.h"

#include "tern/core/format.h"
#include "tern/core/random.h"
#include "tests/reference/conv2d.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

namespace tern::test {
namespace {

struct Problem {
  Shape x, t;
  kernels::Conv2dParameters parameters;
};

Problem random_problem(std::uint32_t index) {
  Random random(1, RandomPurpose::test, 0, index);
  const auto between = [&random](std::uint32_t low, std::uint32_t high) {
    return std::int64_t{low + random.below(high - low + 1)};
  };
  const std::int64_t kernel = between(1, 5);
  const std::int64_t channels = index % 5 == 0 ? 16 * between(1, 8) : between(1, 70);
  return {{between(1, 3), between(kernel, 9), between(kernel, 9), channels},
          {between(1, index % 8 == 0 ? 140 : 40), kernel, kernel, channels},
          {static_cast<int>(between(1, 3)), static_cast<int>(between(0, 2))}};
}

}  // namespace

void check_ternary_convolution(Device device, const Convolution& convolve, WeightLevels levels) {
  // Fewer where one CPU core plays all threads of a GPU, three times over.
  const std::uint32_t count = device.type == DeviceType::cpu ? 200 : 60;
  for (std::uint32_t index = 0; index < count; ++index) {
    const Problem q = random_problem(index);
    INFO(fmt::format("problem {}: x {}, t {}, stride {}, padding {}", index, q.x, q.t, q.parameters.stride,
                     q.parameters.padding));
    const auto random_weights = levels == WeightLevels::four ? random_levels : random_ternary;
    const Tensor x = random_ternary(q.x, 2 * index), t = random_weights(q.t, 2 * index + 1);
    const std::vector<std::int32_t> expected = reference::conv2d<std::int32_t>(x, t, q.parameters);
    const ThreadCount threads(1 + static_cast<int>(index % 3));
    const Tensor z = convolve(x.to(device), t.to(device), q.parameters);
    REQUIRE(z.shape() == kernels::conv2d_output_shape("test", q.x, q.t, q.parameters));
    REQUIRE(z.to_vector<std::int16_t>() == std::vector<std::int16_t>(expected.begin(), expected.end()));
  }
}

}  // namespace tern::test
