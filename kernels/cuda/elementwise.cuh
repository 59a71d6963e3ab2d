// One thread per element: for_each_element(n, f) calls f(i) for 0 <= i < n on the device, in no order.
#pragma once

#include "kernels/cuda/device.cuh"
#include "kernels/cuda/launch.cuh"

namespace tern::kernels::cuda {

constexpr int kElementwiseBlock = 256;

template <class F>
__global__ void __launch_bounds__(kElementwiseBlock) for_each_element_kernel(std::int64_t n, F f) {
  for (std::int64_t i = thread_in_grid(); i < n; i += threads_in_grid()) f(i);
}

/// `f` is a copyable function object void(std::int64_t) whose call is marked __device__.
template <class F>
void for_each_element(std::int64_t n, F f) {
  constexpr unsigned kMaxBlocks = 1U << 20;
  if (n == 0) return;
  const unsigned blocks = blocks_for(n, kElementwiseBlock);
  TERN_LAUNCH(for_each_element_kernel<F>,
              {dim3(blocks < kMaxBlocks ? blocks : kMaxBlocks), dim3(kElementwiseBlock)}, n, f);
}

}  // namespace tern::kernels::cuda
