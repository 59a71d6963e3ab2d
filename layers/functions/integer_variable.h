#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// The integers of a ternary convolution on their way to a batch norm and, from a convolution that adds them
/// up in the same pass, their sums per channel.
struct IntegerVariable {
  IntegerVariable(Variable values_, Tensor sums_ = {})  // implicit: plain integers do as well
      : values(std::move(values_)), sums(std::move(sums_)) {}

  Variable values;
  Tensor sums;  // kernels/channel_sums.h; undefined: a batch norm that needs them makes a pass of its own
};

}  // namespace tern
