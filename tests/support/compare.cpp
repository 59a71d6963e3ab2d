#include "tests/support/compare.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <stdexcept>

#include "tern/core/format.h"
#include "tests/support/bfloat16.h"

namespace tern::test {

std::string difference(const Tensor& actual, const std::vector<double>& expected,
                       const std::vector<double>& tolerance) {
  const auto elements = static_cast<std::size_t>(actual.numel());
  if (elements != expected.size() || elements != tolerance.size()) {
    return fmt::format("{} elements, expected {} with {} tolerances", elements, expected.size(),
                       tolerance.size());
  }
  const std::vector<double> values = as_doubles(actual);
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
  if (actual.shape() != expected.shape() || actual.dtype() != expected.dtype()) {
    return fmt::format("{} {}, expected {} {}", actual.dtype(), actual.shape(), expected.dtype(),
                       expected.shape());
  }
  const Tensor host_actual = actual.to(Device{}), host_expected = expected.to(Device{});
  const auto *a = static_cast<const char*>(host_actual.raw()),
             *b = static_cast<const char*>(host_expected.raw());
  const std::size_t size = size_of(actual.dtype());
  for (std::size_t i = 0; i < static_cast<std::size_t>(actual.numel()); ++i) {
    if (std::memcmp(a + i * size, b + i * size, size) != 0) {
      return fmt::format("element {} of {}: {} instead of {}", i, actual.shape(), as_doubles(actual)[i],
                         as_doubles(expected)[i]);
    }
  }
  return {};
}

std::vector<double> as_doubles(const Tensor& tensor) {
  const auto doubles = [](const auto& values) { return std::vector<double>(values.begin(), values.end()); };
  switch (tensor.dtype()) {
    case DType::i8:
      return doubles(tensor.to_vector<std::int8_t>());
    case DType::u8:
      return doubles(tensor.to_vector<std::uint8_t>());
    case DType::i16:
      return doubles(tensor.to_vector<std::int16_t>());
    case DType::i32:
      return doubles(tensor.to_vector<std::int32_t>());
    case DType::i64:
      return doubles(tensor.to_vector<std::int64_t>());
    case DType::f32:
      return doubles(tensor.to_vector<float>());
    case DType::bf16:
      return doubles(widened(tensor).to_vector<float>());
  }
  throw std::logic_error("as_doubles: not a dtype");
}

Tensor absolute(const Tensor& tensor) {
  Tensor result = tensor.to(Device{}).clone();
  float* values = result.data<float>();
  for (std::int64_t i = 0; i < result.numel(); ++i) values[i] = std::abs(values[i]);
  return result;
}

}  // namespace tern::test
