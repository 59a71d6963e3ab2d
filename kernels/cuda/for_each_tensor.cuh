// The same element-wise pass over many tensors in one launch.
#pragma once

#include <vector>

#include "tern/kernels/cuda/launch.cuh"
#include "tern/kernels/cuda/tensor_group.cuh"

namespace tern::kernels::cuda {

constexpr int kTensorBlock = 256;
constexpr int kTensorBlockElements = 16 * kTensorBlock;

template <class Pointers, class F>
__global__ void __launch_bounds__(kTensorBlock)
    for_each_tensor_element_kernel(TensorGroup<Pointers, F> group, F f) {
  const auto [tensor, block] = find_tensor(group);
  const std::int64_t first = static_cast<std::int64_t>(block) * kTensorBlockElements;
  const std::int64_t end = first + kTensorBlockElements, last = end < tensor.size ? end : tensor.size;
  for (std::int64_t i = first + threadIdx.x; i < last; i += kTensorBlock) f(tensor, i);
}

/// Calls f(tensor, i) for 0 <= i < tensor.size for each of `tensors`, in no order. `Pointers` holds pointers
/// to the elements of a tensor (or several of one size) and `std::int64_t size`; f is marked __device__.
template <class Pointers, class F>
void for_each_tensor_element(const std::vector<Pointers>& tensors, F f) {
  for_each_group<F>(
      tensors, [](const Pointers& tensor) { return blocks_for(tensor.size, kTensorBlockElements); },
      [&](const TensorGroup<Pointers, F>& group, unsigned blocks) {
        TERN_LAUNCH((for_each_tensor_element_kernel<Pointers, F>), {dim3(blocks), dim3(kTensorBlock)}, group,
                    f);
      });
}

}  // namespace tern::kernels::cuda
