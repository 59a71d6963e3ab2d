#pragma once

#include "tern/core/packed_ternary.h"
#include "tern/layers/autograd/variable.h"

namespace tern {

/// Ternary activations on their way to a convolution: i8 values in {-1, 0, +1} and, from functions that pack
/// in the same pass, their packed form.
struct TernaryVariable {
  TernaryVariable(Variable values_,
                  PackedTernary packed_ = {})  // implicit: plain values are ternary ones too
      : values(std::move(values_)), packed(std::move(packed_)) {}

  Variable values;
  PackedTernary packed;  // undefined: the convolution packs the values if it has to keep them
};

}  // namespace tern
