#pragma once

namespace tern {

/// The values of the weights of a layer that is called ternary, in units of its scale.
enum class WeightLevels {
  three,  ///< {-1, 0, +1}
  four,   ///< {-3, -1, +1, +3}, of three binary branches (layers/ternary/three_branches.h)
};

/// The largest of them.
constexpr int largest_weight(WeightLevels levels) {
  return levels == WeightLevels::four ? 3 : 1;
}

}  // namespace tern
