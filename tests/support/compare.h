// Comparison of whole tensors: an empty string, or the first element that disagrees.
//
//   CHECK(test::difference(y, expected, tolerance) == "");
#pragma once

#include <string>
#include <vector>

#include "tern/core/tensor.h"

namespace tern::test {

/// Unit roundoff of f32: a correctly rounded result r of one operation is within kUnit * |r|.
constexpr double kUnit = 1.0 / (1 << 24);

/// Element by element, |actual - expected| <= tolerance; NaN agrees with nothing.
std::string difference(const Tensor& actual, const std::vector<double>& expected,
                       const std::vector<double>& tolerance);
/// The same tolerance for every element.
std::string difference(const Tensor& actual, const std::vector<double>& expected, double tolerance);

/// Equal to the bit: +0 and -0 differ, and a NaN agrees with its like. Shape and dtype must agree too.
std::string bit_difference(const Tensor& actual, const Tensor& expected);

/// The elements, of any dtype, as doubles.
std::vector<double> as_doubles(const Tensor& tensor);

/// The elements as another type, which must be able to hold them.
template <class T>
Tensor converted(const Tensor& tensor) {
  const std::vector<double> values = as_doubles(tensor);
  return Tensor::from<T>(tensor.shape(), {values.begin(), values.end()});
}

/// A tensor of the absolute values.
Tensor absolute(const Tensor& tensor);

}  // namespace tern::test
