#include "tern/layers/ternary/ternary_linear.h"

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/layers/functions/reshape.h"
#include "tern/layers/functions/ternary_conv2d.h"

namespace tern {

TernaryLinear::TernaryLinear(std::int64_t in_features, std::int64_t out_features, const TernaryMethod& method,
                             bool bias)
    : TernaryLayer(method({out_features, in_features}, bias)),
      in_features_(in_features),
      out_features_(out_features) {}

Variable TernaryLinear::forward(const Variable& x) {
  require<ShapeError>(x.shape().rank() == 2 && x.shape()[1] == in_features_,
                      "{}: x is {}, expected (N, {}); a Flatten comes before", path(), x.shape(),
                      in_features_);
  const std::int64_t n = x.shape()[0];
  const TernaryVariables w = weights_.ternarise();
  const Variable y = scaled_ternary_conv2d(reshape(x, {n, 1, 1, in_features_}),
                                           reshape(w.ternary, {out_features_, 1, 1, in_features_}), w.scale,
                                           weights_.bias(), {1, 0}, weights_.levels());
  return reshape(y, {n, out_features_});
}

Value TernaryLinear::trace(GraphBuilder& graph, Value x) const {
  return graph.ternary_linear(path(), x, out_features_, weights_.latent());
}

}  // namespace tern
