#include "tern/benchmarks/support/int8_products.h"
#include "tern/core/device_scope.h"
#include "tern/kernels/cuda/device.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tern/kernels/cuda/ptx.cuh"

namespace tern::bench {
namespace {

using namespace kernels::cuda;

// Per multiprocessor 16 warps with 8 products under way each, which hides the latency of any tensor core so
// far.
constexpr int kWarps = 8, kBlocks = 2, kChains = 8;
constexpr double kMacsPerProduct = 16 * 8 * 32;
constexpr unsigned kFourOnes = 0x01010101;

// Nothing here may be computed once for several products, or not at all: every accumulator is stored in the
// end (in the sum of its thread), each product needs the one before it in its chain, and the chains begin
// with different values, since equal ones would let ptxas keep one for all. All factors are 1, so that the
// sums count what has been multiplied. Operands that never change take less power than real ones, so the
// clock may be higher: this is a bound from above.
__global__ void __launch_bounds__(kWarps* kWarpSize, kBlocks) multiply_kernel(int steps, std::int32_t* sums) {
  const unsigned a[4] = {kFourOnes, kFourOnes, kFourOnes, kFourOnes}, b[2] = {kFourOnes, kFourOnes};
  int c[kChains][4];
  TERN_UNROLL
  for (int chain = 0; chain < kChains; ++chain) {
    for (int& value : c[chain]) value = chain;
  }
  for (int step = 0; step < steps; ++step) {
    TERN_UNROLL
    for (int chain = 0; chain < kChains; ++chain) mma_m16n8k32_s8(c[chain], a, b);
  }
  std::int32_t sum = 0;
  TERN_UNROLL
  for (int chain = 0; chain < kChains; ++chain) {
    for (const int value : c[chain]) sum += value - chain;
  }
  sums[thread_in_grid()] = sum;
}

}  // namespace

Int8Products multiply_int8(Device device, int steps) {
  const DeviceScope scope(device, "int8 products");
  int multiprocessors = 0;
  TERN_CUDA_CHECK(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device.index));
  const int blocks = kBlocks * multiprocessors;
  Tensor sums = Tensor::empty({std::int64_t{blocks} * kWarps * kWarpSize}, DType::i32, device);
  TERN_LAUNCH(multiply_kernel, {static_cast<unsigned>(blocks), kWarps * kWarpSize}, steps,
              sums.data<std::int32_t>());
  return {sums, kMacsPerProduct * kChains * steps * kWarps * blocks};
}

}  // namespace tern::bench
