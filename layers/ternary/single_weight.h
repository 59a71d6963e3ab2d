#pragma once

#include <string>

#include "tern/kernels/ternary_weights.h"
#include "tern/layers/ternary/ternary_weights.h"

namespace tern {

/// What is learned per filter beside the weights.
struct LearnedPerFilter {
  std::string name;
  float initial = 0;
};

/// What the methods with one latent weight tensor share: parameters weight (O, ...), bias (O) if asked for
/// and, where the kernel learns one, a value per filter (O). The scale is a constant of the graph: the
/// kernel's gradients account for it.
class SingleWeight : public TernaryWeights {
 public:
  SingleWeight(std::string name, kernels::WeightMethod kernel, const Shape& shape, bool bias,
               const LearnedPerFilter& learned = {});

  std::string method() const override { return name_; }
  TernaryVariables ternarise() override;
  Variable bias() const override { return bias_; }

 private:
  std::string name_;
  kernels::WeightMethod kernel_;
  Variable weight_;
  Variable bias_;     // undefined without
  Variable learned_;  // (O), undefined without
};

}  // namespace tern
