#include "tern/training/gpu_sum.h"

#include "tern/distributed/tree_sum.h"
#include "tern/kernels/add.h"

namespace tern {
namespace {

// The elements of `values` from `begin` on; shares its storage.
Tensor slice(Tensor values, std::size_t begin, const Shape& shape) {
  const std::shared_ptr<void> storage(static_cast<float*>(values.raw()) + begin, [values](void*) {});
  return Tensor::over(storage, shape, DType::f32, values.device());
}

class GpuValues final : public TreeSumValues {
 public:
  GpuValues(GpuGroup& gpus, Tensor values) : gpus_(gpus), values_(std::move(values)) {}

  void exchange_and_add(int peer, SumPart sent, SumPart kept) override {
    const Shape shape{static_cast<std::int64_t>(kept.size())};
    Tensor received = Tensor::empty(shape, DType::f32, values_.device());
    gpus_.exchange(peer, at(sent), sent.size(), static_cast<float*>(received.raw()), kept.size());
    Tensor sum = slice(values_, kept.begin, shape);
    kernels::accumulate(sum, received);
  }
  void exchange(int peer, SumPart sent, SumPart received) override {
    gpus_.exchange(peer, at(sent), sent.size(), at(received), received.size());
  }

 private:
  float* at(SumPart part) { return static_cast<float*>(values_.raw()) + part.begin; }

  GpuGroup& gpus_;
  Tensor values_;
};

void add_up(ProcessGroup& group, Tensor all) {
  const auto count = static_cast<std::size_t>(all.numel());
  if (group.gpus()->reduction() == Reduction::nccl) {
    group.gpus()->all_reduce(static_cast<float*>(all.raw()), count);
  } else {
    GpuValues values(*group.gpus(), all);
    tree_sum(group.rank(), group.size(), count, values);
  }
}

}  // namespace

void sum_on_gpus(ProcessGroup& group, std::vector<Tensor>& tensors) {
  if (tensors.empty()) return;
  std::int64_t count = 0;
  for (const Tensor& tensor : tensors) count += tensor.numel();
  const Tensor all = Tensor::empty({count}, DType::f32, tensors.front().device());
  std::size_t begin = 0;
  std::vector<Tensor> slices;
  for (const Tensor& tensor : tensors) {
    slices.push_back(slice(all, begin, tensor.shape()));
    slices.back().copy_from(tensor);
    begin += static_cast<std::size_t>(tensor.numel());
  }
  add_up(group, all);
  for (std::size_t i = 0; i < tensors.size(); ++i) tensors[i].copy_from(slices[i]);
}

}  // namespace tern
