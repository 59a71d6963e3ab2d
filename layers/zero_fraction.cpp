#include "tern/layers/zero_fraction.h"

#include <algorithm>

namespace tern {

double zero_fraction_of(const Tensor& tensor) {
  const std::vector<std::int8_t> values = tensor.to_vector<std::int8_t>();
  if (values.empty()) return 0;
  const auto zeros = std::count(values.begin(), values.end(), 0);
  return static_cast<double>(zeros) / static_cast<double>(values.size());
}

}  // namespace tern
