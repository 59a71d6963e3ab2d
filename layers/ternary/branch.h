#pragma once

#include "tern/layers/parameter_container.h"

namespace tern {

/// One of the parallel binary branches of a layer: parameters weight, and bias if asked for.
class Branch : public ParameterContainer {
 public:
  Branch(const Shape& shape, bool with_bias)
      : weight(register_parameter("weight", Tensor::zeros(shape), ParameterRole::latent)) {
    if (with_bias) bias = register_parameter("bias", Tensor::zeros({shape[0]}), ParameterRole::bias);
  }

  Variable& weight;
  Variable bias;  ///< Undefined without.
};

}  // namespace tern
