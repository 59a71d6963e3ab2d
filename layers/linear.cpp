#include "tern/layers/linear.h"

#include "tern/layers/functions/linear.h"

namespace tern {

Linear::Linear(std::int64_t in_features, std::int64_t out_features)
    : weight_(register_parameter("weight", Tensor::zeros({out_features, in_features}))),
      bias_(register_parameter("bias", Tensor::zeros({out_features}), ParameterRole::bias)) {}

Variable Linear::forward(const Variable& x) {
  return linear(x, weight_, bias_);
}

Value Linear::trace(GraphBuilder& graph, Value x) const {
  return graph.linear(path(), x, weight_.shape()[0], true);
}

}  // namespace tern
