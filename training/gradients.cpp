#include "tern/training/gradients.h"

#include <algorithm>
#include <set>

#include "tern/core/readback.h"
#include "tern/distributed/tree_sum.h"
#include "tern/kernels/add.h"
#include "tern/layers/autograd/deferred_gradient.h"
#include "tern/training/gpu_sum.h"

namespace tern {

Gradients::Gradients(const NamedVariables& parameters) {
  std::set<const void*> seen;  // a pair of leaves, or two biases that were added, share one tensor
  for (const auto& [name, parameter] : parameters) {
    if (!parameter.has_grad()) continue;
    const DeferredShare& deferred = parameter.deferred_grad();
    const Tensor tensor = deferred.gradient ? deferred.gradient->linear_in() : parameter.grad();
    require<Error>(
        tensor.defined() && tensor.dtype() == DType::f32,
        "the gradient of '{}' cannot be added over shards: there is no f32 tensor that it is linear "
        "in (DeferredGradient::linear_in)",
        name);
    if (seen.insert(tensor.raw()).second) tensors_.push_back(tensor);
  }
}

void Gradients::add(const Gradients& earlier) {
  require<Error>(tensors_.size() == earlier.tensors_.size(),
                 "{} parameters have a gradient from one shard and {} from another; all need the same",
                 tensors_.size(), earlier.tensors_.size());
  for (std::size_t i = 0; i < tensors_.size(); ++i) kernels::accumulate(tensors_[i], earlier.tensors_[i]);
}

void Gradients::sum_over(ProcessGroup& group) {
  if (group.size() == 1) return;
  if (group.gpus() != nullptr) return sum_on_gpus(group, tensors_);
  std::vector<float> all;
  all.reserve(static_cast<std::size_t>(values()));
  for (const Tensor& tensor : to_host(tensors_)) {
    all.insert(all.end(), tensor.data<float>(), tensor.data<float>() + tensor.numel());
  }
  tree_sum(group, all);
  const float* next = all.data();
  for (Tensor& tensor : tensors_) {
    Tensor sums = Tensor::empty(tensor.shape());
    std::copy_n(next, tensor.numel(), sums.data<float>());
    tensor.copy_from(sums);
    next += tensor.numel();
  }
}

std::int64_t Gradients::values() const {
  std::int64_t values = 0;
  for (const Tensor& tensor : tensors_) values += tensor.numel();
  return values;
}

}  // namespace tern
