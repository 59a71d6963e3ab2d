// What direct_row.h and winograd_row.h do with vectors alike; see target.h.
#pragma once

#include <cstddef>

#include "tern/kernels/cpu/floats/stem_convolution.h"
#include "tern/kernels/cpu/floats/target.h"

namespace tern::floats {

/// sums[unit][vector] += weights[vector] * x[unit * kStep]: the inner loop, all of it in registers. Integers
/// have Simd::kTaps products where floats have one.
template <class Simd, int kGroups, int kUnits, int kStep>
TERN_FLOATS_TARGET TERN_FLOATS_INLINE void add_products(
    const typename Simd::Value* w, std::ptrdiff_t group_weights, const typename Simd::Value* x,
    typename Simd::Vector (&sums)[kUnits][kGroups * kGroup / Simd::kLanes]) {
  constexpr int kVectors = kGroup / Simd::kLanes, kColumns = kGroups * kVectors;
  typename Simd::Vector weights[kColumns];
#pragma GCC unroll 4
  for (int v = 0; v < kColumns; ++v) {
    weights[v] = Simd::load(w + v / kVectors * group_weights + v % kVectors * Simd::kLanes * Simd::kTaps);
  }
#pragma GCC unroll 16
  for (int u = 0; u < kUnits; ++u) {
    const typename Simd::Vector value = Simd::broadcast(x + u * kStep);
#pragma GCC unroll 4
    for (int v = 0; v < kColumns; ++v) sums[u][v] = Simd::multiply_add(weights[v], value, sums[u][v]);
  }
}

/// Batch norm and PReLU of the channels from `channel` on.
template <class Simd>
struct EpilogueVectors {
  using Vector = typename Simd::Vector;

  TERN_FLOATS_TARGET TERN_FLOATS_INLINE EpilogueVectors(const Epilogue& e, int channel)
      : means(e.mean),
        first(channel),
        gain(Simd::load(e.gain + channel)),
        beta(Simd::load(e.beta + channel)),
        slope(Simd::load(e.slope + channel)) {}

  TERN_FLOATS_TARGET TERN_FLOATS_INLINE Vector apply(Vector z, int pixel) const {
    const Vector mean = Simd::load(means[pixel] + first);
    const Vector t = Simd::add(Simd::multiply(Simd::subtract(z, mean), gain), beta);
    return Simd::where_positive(t, t, Simd::multiply(slope, t));
  }

  const float* const* means;
  int first;
  Vector gain, beta, slope;
};

}  // namespace tern::floats
