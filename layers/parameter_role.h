#pragma once

namespace tern {

/// What a parameter is for. Optimisers treat roles differently (optim/parameter_groups.h): weight decay has
/// no meaning for some, thresholds may learn at a rate of their own.
enum class ParameterRole {
  weight,     ///< Float weights of a convolution or linear layer; what a module does not say is one.
  latent,     ///< Latent weights that a method makes ternary or binary weights of.
  bias,       ///< A shift, of a layer's output or of an activation's input.
  norm,       ///< Factor and shift of a normalisation.
  slope,      ///< Of a PReLU.
  threshold,  ///< Threshold or step of a quantiser, of weights or activations.
};

}  // namespace tern
