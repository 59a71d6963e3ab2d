#pragma once

#include "tern/layers/conv2d.h"
#include "tern/layers/functions/integer_variable.h"
#include "tern/layers/functions/ternary_variable.h"
#include "tern/layers/ternary/ternary_layer.h"

namespace tern {

/// y = scale * conv(x, T) + bias, x i8 in {-1, 0, +1} (N, H, W, I), y f32; T and scale by a method.
class TernaryConv2d : public TernaryLayer {
 public:
  TernaryConv2d(const Conv2dOptions& options, const TernaryMethod& method);

  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

  /// For blocks with fused functions: z = conv(x, T), integers, and the scale, without the bias.
  struct Integer {
    IntegerVariable z;
    Variable scale;
  };
  /// `with_sums`: z has its sums per channel beside it, for a batch norm in training.
  Integer integer_forward(const TernaryVariable& x, bool with_sums);

  const Conv2dOptions& options() const { return options_; }

 private:
  kernels::Conv2dParameters parameters() const { return {options_.stride, options_.padding}; }

  Conv2dOptions options_;
};

}  // namespace tern
