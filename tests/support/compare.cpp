#include "tests/support/compare.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "core/format.h"

namespace tern::test {

std::string difference(const Tensor& actual, const std::vector<double>& expected,
                       const std::vector<double>& tolerance) {
  const auto elements = static_cast<std::size_t>(actual.numel());
  if (elements != expected.size() || elements != tolerance.size()) {
    return fmt::format("{} elements, expected {} with {} tolerances", elements, expected.size(),
                       tolerance.size());
  }
  const std::vector<float> values = actual.to_vector<float>();
  for (std::size_t i = 0; i < elements; ++i) {
    if (!(std::abs(values[i] - expected[i]) <= tolerance[i])) {
      return fmt::format("element {} of {}: {} instead of {} +- {}", i, actual.shape(), values[i],
                         expected[i], tolerance[i]);
    }
  }
  return {};
}

std::string difference(const Tensor& actual, const std::vector<double>& expected, double tolerance) {
  return difference(actual, expected, std::vector<double>(expected.size(), tolerance));
}

std::string bit_difference(const Tensor& actual, const Tensor& expected) {
  if (actual.shape() != expected.shape()) {
    return fmt::format("shape {}, expected {}", actual.shape(), expected.shape());
  }
  const std::vector<float> a = actual.to_vector<float>(), b = expected.to_vector<float>();
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::memcmp(&a[i], &b[i], sizeof(float)) != 0) {
      return fmt::format("element {} of {}: {} instead of {}", i, actual.shape(), a[i], b[i]);
    }
  }
  return {};
}

std::vector<double> as_doubles(const Tensor& tensor) {
  const std::vector<float> values = tensor.to_vector<float>();
  return {values.begin(), values.end()};
}

Tensor absolute(const Tensor& tensor) {
  Tensor result = tensor.to(Device{}).clone();
  float* values = result.data<float>();
  for (std::int64_t i = 0; i < result.numel(); ++i) values[i] = std::abs(values[i]);
  return result;
}

}  // namespace tern::test
