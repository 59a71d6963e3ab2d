// The scalar formulas of three binary branches, one text for all devices (kernels/three_branch_weights.h has
// them in symbols).
#pragma once

#include "tern/kernels/common/latent_gradient.h"
#include "tern/kernels/three_branch_weights.h"

namespace tern::kernels {

/// sign(w1) + sign(w2) + sign(w3)
TERN_HOST_DEVICE inline std::int8_t sum_of_signs(float w1, float w2, float w3) {
  const int positive = static_cast<int>(w1 >= 0) + static_cast<int>(w2 >= 0) + static_cast<int>(w3 >= 0);
  return static_cast<std::int8_t>(2 * positive - 3);
}

/// alpha of a filter of n weights, from the sum of |w1| + |w2| + |w3|.
TERN_HOST_DEVICE inline float alpha_of_three(double sum, std::int64_t n) {
  return static_cast<float>(sum / static_cast<double>(3 * n));
}

/// The latent weights of all filters, or their gradients.
template <class Float>
struct ThreePointers {
  Float *first, *second, *third;
};

inline ThreePointers<float> pointers(ThreeBranches& w) {
  return {w[0].data<float>(), w[1].data<float>(), w[2].data<float>()};
}
inline ThreePointers<const float> pointers(const ThreeBranches& w) {
  return {w[0].data<float>(), w[1].data<float>(), w[2].data<float>()};
}

/// The gradient of the latent weights of one filter, once its sums of sign(w_b) * G are known.
template <WeightGradientRule rule>
class ThreeBranchGradient {
 public:
  TERN_HOST_DEVICE ThreeBranchGradient(float alpha, double sum1, double sum2, double sum3, std::int64_t n)
      : alpha_(alpha), to_window_(inverse_scale(2 * alpha)) {
    const double count = static_cast<double>(n);
    if constexpr (rule == WeightGradientRule::official) {
      share1_ = static_cast<float>(sum1 / count);
      share2_ = static_cast<float>(sum2 / count);
      share3_ = static_cast<float>(sum3 / count);
    } else {
      share1_ = share2_ = share3_ = static_cast<float>((sum1 + sum2 + sum3) / (3 * count));
    }
  }

  /// Of the latent weights number i.
  TERN_HOST_DEVICE void store(std::int64_t i, float g, const ThreePointers<const float>& w,
                              const ThreePointers<float>& dw) const {
    dw.first[i] = latent_gradient<rule>(g, w.first[i], share1_, alpha_, to_window_);
    dw.second[i] = latent_gradient<rule>(g, w.second[i], share2_, alpha_, to_window_);
    dw.third[i] = latent_gradient<rule>(g, w.third[i], share3_, alpha_, to_window_);
  }

 private:
  float alpha_, to_window_, share1_, share2_, share3_;
};

}  // namespace tern::kernels
