#pragma once

namespace tern::engine {

/// One step of a max pool. A NaN wins, as in kernels/cpu/max_pool2d.cpp, so that it reaches the logits and is
/// noticed there.
inline void take_larger(const float* __restrict x, int count, float* __restrict best) {
  for (int i = 0; i < count; ++i) {
    const float value = x[i];
    best[i] = ((value > best[i]) | (value != value)) ? value : best[i];
  }
}

}  // namespace tern::engine
