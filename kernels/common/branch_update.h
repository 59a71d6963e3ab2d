// What an optimiser does to the latent weights number i of a pair of binary branches, one text for all
// devices.
#pragma once

#include "tern/kernels/branch_step.h"
#include "tern/kernels/common/latent_gradient.h"

namespace tern::kernels {

inline LatentWeights latent_weights(const BranchPair& pair) {
  return {pair.dt.data<float>(), pair.w1.data<float>(), pair.w2.data<float>(), pair.scale.data<float>()};
}

class AdamBranchUpdate {
 public:
  AdamBranchUpdate(BranchPair& pair, AdamMoments& of_w1, AdamMoments& of_w2,
                   const AdamCoefficients& coefficients)
      : coefficients_(coefficients),
        w1_(pair.w1.data<float>()),
        m1_(of_w1.m.data<float>()),
        v1_(of_w1.v.data<float>()),
        w2_(pair.w2.data<float>()),
        m2_(of_w2.m.data<float>()),
        v2_(of_w2.v.data<float>()) {}

  TERN_HOST_DEVICE void operator()(std::int64_t i, float dw1, float dw2) const {
    adam_update(coefficients_, dw1, w1_[i], m1_[i], v1_[i]);
    adam_update(coefficients_, dw2, w2_[i], m2_[i], v2_[i]);
  }

 private:
  AdamCoefficients coefficients_;
  float *w1_, *m1_, *v1_, *w2_, *m2_, *v2_;
};

class SgdBranchUpdate {
 public:
  SgdBranchUpdate(BranchPair& pair, Tensor& buffer1, Tensor& buffer2, const SgdStep& step)
      : step_(step),
        w1_(pair.w1.data<float>()),
        w2_(pair.w2.data<float>()),
        buffer1_(step.momentum == 0 ? nullptr : buffer1.data<float>()),
        buffer2_(step.momentum == 0 ? nullptr : buffer2.data<float>()) {}

  TERN_HOST_DEVICE void operator()(std::int64_t i, float dw1, float dw2) const {
    if (buffer1_ == nullptr) {
      sgd_update(step_, dw1, w1_[i]);
      sgd_update(step_, dw2, w2_[i]);
    } else {
      sgd_momentum_update(step_, dw1, w1_[i], buffer1_[i]);
      sgd_momentum_update(step_, dw2, w2_[i], buffer2_[i]);
    }
  }

 private:
  SgdStep step_;
  float *w1_, *w2_, *buffer1_, *buffer2_;
};

}  // namespace tern::kernels
