#include "tern/training/require_finite.h"

#include <algorithm>
#include <cmath>

#include "tern/core/error.h"
#include "tern/layers/state_dict.h"

namespace tern {

void require_finite(const Module& network) {
  for (const StateEntry& entry : state_dict(network)) {
    if (entry.tensor.dtype() != DType::f32) continue;
    const std::vector<float> values = entry.tensor.to_vector<float>();
    const bool finite =
        std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
    require<NumericError>(finite, "{}: holds a NaN or an infinity", entry.name);
  }
}

}  // namespace tern
