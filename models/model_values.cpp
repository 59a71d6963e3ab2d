#include "tern/models/model_values.h"

#include <cmath>

#include "tern/core/error.h"

namespace tern {
namespace {

bool is_last_part(const std::string& name, const std::string& part) {
  return name == part || name.ends_with("." + part);
}

}  // namespace

void check_values(const std::string& name, const float* values, std::size_t count) {
  const bool may_be_negative = !is_last_part(name, "running_var") && !is_last_part(name, "scale");
  for (std::size_t i = 0; i < count; ++i) {
    require<DataError>(std::isfinite(values[i]) && (may_be_negative || values[i] >= 0),
                       "{}: value {} at {} is not a finite number{}", name, values[i], i,
                       may_be_negative ? "" : " >= 0");
  }
}

void check_room(std::int64_t least_weights, std::uint64_t data_bytes) {
  constexpr std::uint64_t kTritsPerByte = 5;  // nothing is stored more densely
  const auto weights = static_cast<std::uint64_t>(least_weights);
  require<DataError>(weights / kTritsPerByte <= data_bytes,
                     "the network has at least {} weights, for which {} bytes of tensors are too few",
                     weights, data_bytes);
}

}  // namespace tern
