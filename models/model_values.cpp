#include "tern/models/model_values.h"

#include <cmath>

#include "tern/core/error.h"

namespace tern {
namespace {

bool is_last_part(const std::string& name, const std::string& part) {
  return name == part || name.ends_with("." + part);
}

// Those of the 3x3 convolutions, of which every block has one at least, and of the linear layer: a lower
// bound within a factor of four. The limits of parse_resnet_config keep it far from overflow.
std::int64_t least_weights(const ResNetConfig& config) {
  std::int64_t weights = config.classes * config.widths.back();
  for (std::size_t stage = 0; stage < config.widths.size(); ++stage) {
    weights += config.depths[stage] * 9 * config.widths[stage] * config.widths[stage];
  }
  return weights;
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

void check_room(const ResNetConfig& config, std::uint64_t data_bytes) {
  constexpr std::uint64_t kTritsPerByte = 5;  // nothing is stored more densely
  const auto weights = static_cast<std::uint64_t>(least_weights(config));
  require<DataError>(weights / kTritsPerByte <= data_bytes,
                     "the network has at least {} weights, for which {} bytes of tensors are too few",
                     weights, data_bytes);
}

}  // namespace tern
