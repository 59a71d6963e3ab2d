// One warp per sample, whose lanes share its classes.
#pragma once

#include "tern/kernels/cuda/device.cuh"
#include "tern/kernels/cuda/launch.cuh"

namespace tern::kernels::cuda {

constexpr int kSampleBlock = 128;

template <class F>
__global__ void __launch_bounds__(kSampleBlock) for_each_sample_kernel(std::int64_t samples, F f) {
  const std::int64_t sample = thread_in_grid() / kWarpSize;
  if (sample < samples) f(sample);
}

/// Calls f(sample) by all lanes of one warp for each sample; `f` is marked __device__.
template <class F>
void for_each_sample(std::int64_t samples, F f) {
  TERN_LAUNCH(for_each_sample_kernel<F>,
              {dim3(blocks_for(samples * kWarpSize, kSampleBlock)), dim3(kSampleBlock)}, samples, f);
}

}  // namespace tern::kernels::cuda
