// Both codes of weights on plain memory: trits_code.h or, of four levels, levels_code.h.
#pragma once

#include "tern/core/weight_levels.h"
#include "tern/models/levels_code.h"
#include "tern/models/trits_code.h"

namespace tern {

/// Bytes of `count` weights.
constexpr std::size_t weights_bytes(WeightLevels levels, std::size_t count) {
  return levels == WeightLevels::four ? levels_bytes(count) : trits_bytes(count);
}

inline void encode_weights(WeightLevels levels, const std::int8_t* values, std::uint8_t* bytes,
                           std::size_t count) {
  levels == WeightLevels::four ? encode_levels(values, bytes, count) : encode_trits(values, bytes, count);
}

inline void decode_weights(WeightLevels levels, const std::uint8_t* bytes, std::int8_t* values,
                           std::size_t count) {
  levels == WeightLevels::four ? decode_levels(bytes, values, count) : decode_trits(bytes, values, count);
}

}  // namespace tern
