// What an optimiser does to the latent weights number i of a pair of binary branches, one text for all
// devices.
#pragma once

#include "tern/kernels/branch_step.h"
#include "tern/kernels/common/latent_gradient.h"

namespace tern::kernels {

struct AdamBranches : LatentWeights<float> {
  float *m1, *v1, *m2, *v2;
};

inline AdamBranches pointers_of(AdamBranchPair& pair) {
  return {latent_weights<float>(pair.dt, pair.w1, pair.w2, pair.scale), pair.of_w1.m.data<float>(),
          pair.of_w1.v.data<float>(), pair.of_w2.m.data<float>(), pair.of_w2.v.data<float>()};
}

struct AdamBranchUpdate {
  AdamCoefficients coefficients;

  TERN_HOST_DEVICE void operator()(const AdamBranches& pair, std::int64_t i, float dw1, float dw2) const {
    adam_update(coefficients, dw1, pair.w1[i], pair.m1[i], pair.v1[i]);
    adam_update(coefficients, dw2, pair.w2[i], pair.m2[i], pair.v2[i]);
  }
};

struct SgdBranches : LatentWeights<float> {
  float *buffer1, *buffer2;  // null without momentum
};

inline SgdBranches pointers_of(SgdBranchPair& pair, bool momentum) {
  return {latent_weights<float>(pair.dt, pair.w1, pair.w2, pair.scale),
          momentum ? pair.buffer1.data<float>() : nullptr, momentum ? pair.buffer2.data<float>() : nullptr};
}

struct SgdBranchUpdate {
  SgdStep step;

  TERN_HOST_DEVICE void operator()(const SgdBranches& pair, std::int64_t i, float dw1, float dw2) const {
    if (pair.buffer1 == nullptr) {
      sgd_update(step, dw1, pair.w1[i]);
      sgd_update(step, dw2, pair.w2[i]);
    } else {
      sgd_momentum_update(step, dw1, pair.w1[i], pair.buffer1[i]);
      sgd_momentum_update(step, dw2, pair.w2[i], pair.buffer2[i]);
    }
  }
};

}  // namespace tern::kernels
