#pragma once

#include <string>

#include "tern/kernels/ternary_weights.h"
#include "tern/layers/ternary/ternary_weights.h"

namespace tern {

/// What the methods with one latent weight tensor share: parameters weight (O, ...), bias (O) if asked for
/// and step (O) for LSQ. The scale is a constant of the graph: the kernel's gradients account for it.
class SingleWeight : public TernaryWeights {
 public:
  SingleWeight(std::string name, kernels::WeightMethod kernel, const Shape& shape, bool bias);

  std::string method() const override { return name_; }
  TernaryVariables ternarise() override;
  Variable bias() const override { return bias_; }

 private:
  std::string name_;
  kernels::WeightMethod kernel_;
  Variable weight_;
  Variable bias_;  // undefined without
  Variable step_;  // undefined but for LSQ
};

}  // namespace tern
