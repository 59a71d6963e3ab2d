#include "tern/layers/linear.h"

#include "tern/layers/functions/linear.h"

namespace tern {

Linear::Linear(std::int64_t in_features, std::int64_t out_features)
    : weight_(register_parameter("weight", Tensor::zeros({out_features, in_features}))),
      bias_(register_parameter("bias", Tensor::zeros({out_features}))) {}

Variable Linear::forward(const Variable& x) {
  return linear(x, weight_, bias_);
}

Shape Linear::describe(const Shape& x, Description& description) const {
  const Shape y{x[0], weight_.shape()[0]};
  description.add({path(), "linear", y, weight_.value().numel() + bias_.value().numel(), 32,
                   x[0] * weight_.value().numel()});
  return y;
}

}  // namespace tern
