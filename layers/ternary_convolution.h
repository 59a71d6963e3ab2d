#pragma once

#include "tern/layers/functions/integer_variable.h"
#include "tern/layers/functions/ternary_variable.h"
#include "tern/layers/module.h"

namespace tern {

/// A convolution with ternary weights: the pair of binary branches in training or the merged layer. Blocks
/// see only this interface, so that one block serves both networks and both compute the very same numbers.
class TernaryConvolution : public Module {
 public:
  /// z, the integer convolution of ternary activations, and the scale 2 * alpha per output channel. The
  /// layer's output is scale * z + bias.
  struct Integer {
    IntegerVariable z;
    Tensor scale;
  };
  /// `with_sums`: z has its sums per channel beside it, for a batch norm in training.
  virtual Integer integer_forward(const TernaryVariable& x, bool with_sums) = 0;

  /// The sum of the branches' biases (C), detached from the graph; undefined if the layer has none.
  virtual Tensor bias_value() const = 0;

  /// What the layer becomes once it is trained.
  struct MergedWeights {
    Tensor ternary;  // (O, KH, KW, I) i8 in {-1, 0, +1}
    Tensor scale;    // (O) f32
    Tensor bias;     // (O) f32, or undefined
  };
  virtual MergedWeights merged_weights() = 0;

  /// Share of zeros among the ternary weights, in [0, 1].
  virtual double zero_fraction() const = 0;
};

}  // namespace tern
