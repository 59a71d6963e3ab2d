#include "tern/layers/batch_norm2d.h"

#include "tern/layers/functions/synchronised_batch_norm.h"

namespace tern {

BatchNorm2d::BatchNorm2d(std::int64_t channels)
    : weight_(register_parameter("weight", Tensor::full({channels}, 1), ParameterRole::norm)),
      bias_(register_parameter("bias", Tensor::zeros({channels}), ParameterRole::norm)),
      running_mean_(register_buffer("running_mean", Tensor::zeros({channels}))),
      running_variance_(register_buffer("running_var", Tensor::full({channels}, 1))),
      batches_tracked_(register_buffer("num_batches_tracked", Tensor::zeros({}, DType::i64))) {}

Variable BatchNorm2d::forward(const Variable& x) {
  return batch_norm(x, arguments());
}

Value BatchNorm2d::trace(GraphBuilder& graph, Value x) const {
  return graph.batch_norm(path(), x);
}

BatchNormArguments BatchNorm2d::arguments(Tensor input_bias) {
  const BatchShards* shards = SynchronisedBatchNorms::shards();
  if (training() && (shards == nullptr || shards->updates_running_statistics()))
    ++*batches_tracked_.data<std::int64_t>();
  return {weight_, bias_, {running_mean_, running_variance_}, training(), path(), std::move(input_bias)};
}

}  // namespace tern
