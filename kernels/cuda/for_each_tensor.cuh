// The same element-wise pass over many tensors in one launch. A network has dozens of parameters, most of
// them small: a launch for each would take longer than their work.
#pragma once

#include <algorithm>
#include <vector>

#include "tern/kernels/cuda/device.cuh"
#include "tern/kernels/cuda/launch.cuh"

namespace tern::kernels::cuda {

constexpr int kTensorsPerLaunch = 64;
constexpr int kTensorBlock = 256;
constexpr int kTensorBlockElements = 16 * kTensorBlock;

/// Travels as a parameter of the kernel, all of which may take 4 KB.
template <class Pointers>
struct TensorGroup {
  Pointers tensors[kTensorsPerLaunch];
  unsigned first_block[kTensorsPerLaunch + 1];  // of each tensor; behind the last, the number of blocks
};

template <class Pointers, class F>
__global__ void __launch_bounds__(kTensorBlock)
    for_each_tensor_element_kernel(TensorGroup<Pointers> group, F f) {
  int t = 0;
  while (blockIdx.x >= group.first_block[t + 1]) ++t;
  const Pointers& tensor = group.tensors[t];
  const std::int64_t first =
      static_cast<std::int64_t>(blockIdx.x - group.first_block[t]) * kTensorBlockElements;
  const std::int64_t end = first + kTensorBlockElements, last = end < tensor.size ? end : tensor.size;
  for (std::int64_t i = first + threadIdx.x; i < last; i += kTensorBlock) f(tensor, i);
}

/// Calls f(tensor, i) for 0 <= i < tensor.size for each of `tensors`, in no order. `Pointers` holds pointers
/// to the elements of a tensor (or several of one size) and `std::int64_t size`; f is marked __device__.
template <class Pointers, class F>
void for_each_tensor_element(const std::vector<Pointers>& tensors, F f) {
  static_assert(sizeof(TensorGroup<Pointers>) + sizeof(F) <= 4096, "beyond the parameters of a kernel");
  for (std::size_t begin = 0; begin < tensors.size(); begin += kTensorsPerLaunch) {
    const std::size_t count = std::min<std::size_t>(tensors.size() - begin, kTensorsPerLaunch);
    TensorGroup<Pointers> group{};
    for (std::size_t t = 0; t < count; ++t) {
      group.tensors[t] = tensors[begin + t];
      group.first_block[t + 1] =
          group.first_block[t] + blocks_for(group.tensors[t].size, kTensorBlockElements);
    }
    TERN_LAUNCH((for_each_tensor_element_kernel<Pointers, F>),
                {dim3(group.first_block[count]), dim3(kTensorBlock)}, group, f);
  }
}

}  // namespace tern::kernels::cuda
