#pragma once

#include "tern/layers/ternary/ternary_layer.h"

namespace tern {

/// y = scale * (x T^t) + bias, x i8 in {-1, 0, +1} (N, I), y f32 (N, O); T (O, I) and scale by a method. It
/// is a ternary convolution of images of one pixel.
class TernaryLinear : public TernaryLayer {
 public:
  TernaryLinear(std::int64_t in_features, std::int64_t out_features, const TernaryMethod& method,
                bool bias = false);

  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

 private:
  std::int64_t in_features_;
  std::int64_t out_features_;
};

}  // namespace tern
