// TernaryWeights: how a layer gets its ternary weights from what is trained. A method is one class in one
// file: its latent parameters, its equations, the backward rule of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tern/core/weight_levels.h"
#include "tern/layers/autograd/variable.h"
#include "tern/layers/graph/builder.h"
#include "tern/layers/parameter_container.h"

namespace tern {

/// The layer multiplies by scale * ternary.
struct TernaryVariables {
  /// i8 in {-1, 0, +1}, or what TernaryWeights::levels() says: (O, KH, KW, I) or (O, I). Its gradient is
  /// dL/d(ternary).
  Variable ternary;
  /// f32 (O). If it requires no gradient, the layer takes the fused functions; then what the scale owes to
  /// the latent parameters has to come from the gradient of `ternary`.
  Variable scale;
};

/// What a layer becomes once it is trained.
struct MergedWeights {
  Tensor ternary;  ///< i8, as above.
  Tensor scale;    ///< f32 (O), finite and not negative.
  Tensor bias;     ///< f32 (O), or undefined.
};

/// The same layer in floats.
struct FloatWeights {
  Tensor weight;  ///< f32 (O, KH, KW, I) or (O, I).
  Tensor bias;    ///< f32 (O), or undefined.
};

class TernaryWeights : public ParameterContainer {
 public:
  /// The name by which graphs and configurations call the method.
  virtual std::string method() const = 0;
  /// The values that `ternary` may have.
  virtual WeightLevels levels() const { return WeightLevels::three; }
  /// The weights of the latent parameters as they are. May bring these into their range in place.
  virtual TernaryVariables ternarise() = 0;
  /// (O), or undefined if the layer has none.
  virtual Variable bias() const { return {}; }

  /// The float layer that the latent parameters stand for, and the reverse: latent parameters whose ternary
  /// weights are sensible for the float layer, of the same shape, from where training goes on. These two are
  /// for methods whose latent weights are one parameter "weight", with a "bias" if there is one; what such a
  /// method has besides stays as it is. Others override both.
  virtual FloatWeights to_float() const;
  virtual void start_from(const FloatWeights& layer);

  MergedWeights merged();
  /// The method, its levels and all parameters, by the names of the network's state.
  LatentWeights latent() const;
};

/// Makes the weights of a layer whose weight tensor is (O, KH, KW, I) or (O, I). Parameters are zero until
/// initialised.
using TernaryMethod = std::function<std::unique_ptr<TernaryWeights>(const Shape& weight, bool bias)>;

}  // namespace tern
