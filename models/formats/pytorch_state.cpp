#include "tern/models/formats/pytorch_state.h"

#include "tern/layers/state_dict.h"
#include "tern/layers/weight_layout.h"
#include "tern/models/model_values.h"

namespace tern {

Tensor from_pytorch(const std::string& name, const Tensor& tensor) {
  if (tensor.dtype() == DType::i64 && tensor.numel() == 1) return tensor.reshape({});
  if (tensor.dtype() != DType::f32) return tensor;
  check_values(name, tensor.data<float>(), static_cast<std::size_t>(tensor.numel()));
  return tensor.shape().rank() == 4 ? oihw_to_ohwi(tensor) : tensor;
}

void add_missing_counts(const Module& network, std::map<std::string, Tensor>& state) {
  for (const StateEntry& entry : state_dict(network)) {
    if (entry.name.ends_with(".num_batches_tracked")) {
      state.emplace(entry.name, Tensor::zeros(entry.tensor.shape(), entry.tensor.dtype()));
    }
  }
}

}  // namespace tern
