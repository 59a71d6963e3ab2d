// The layouts of fragments that ptx.cuh states, on whatever GPU runs this: the emulated one implements them
// from the same documentation, so only hardware can prove them.
#include <cstdint>
#include <vector>

#include "tern/core/device_scope.h"
#include "tern/core/random.h"
#include "tern/core/tensor.h"
#include "tern/kernels/cuda/device.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tern/kernels/cuda/ptx.cuh"
#include "tests/support/catch.h"
#include "tests/support/devices.h"

using namespace tern;
using namespace tern::kernels::cuda;

namespace {

constexpr int kM = 16, kN = 8, kK = 32, kTileBytes = kM * kK;

template <class T>
Tensor random_integers(const Shape& shape, std::uint32_t seed) {
  Random random(seed, RandomPurpose::test);
  std::vector<T> values(static_cast<std::size_t>(shape.numel()));
  for (T& value : values) value = static_cast<T>(random.bits());
  return Tensor::from(shape, values);
}

__device__ unsigned four_bytes(const std::int8_t* bytes, int stride) {
  unsigned word = 0;
  for (int i = 0; i < 4; ++i) {
    word |= static_cast<unsigned>(static_cast<std::uint8_t>(bytes[i * stride])) << (8 * i);
  }
  return word;
}

// a (16, 32), b (32, 8), c (16, 8), all row-major; one warp.
__global__ void mma_kernel(const std::int8_t* a, const std::int8_t* b, int* c) {
  const int g = lane_index() / 4, t = lane_index() % 4;
  unsigned left[4], right[2];
  for (int i = 0; i < 4; ++i) left[i] = four_bytes(a + (g + 8 * (i % 2)) * kK + 16 * (i / 2) + 4 * t, 1);
  for (int i = 0; i < 2; ++i) right[i] = four_bytes(b + (16 * i + 4 * t) * kN + g, kN);
  int sums[4];
  for (int i = 0; i < 4; ++i) sums[i] = c[(g + 8 * (i / 2)) * kN + 2 * t + i % 2];
  mma_m16n8k32_s8(sums, left, right);
  for (int i = 0; i < 4; ++i) c[(g + 8 * (i / 2)) * kN + 2 * t + i % 2] = sums[i];
}

std::vector<int> naive_product(const Tensor& a, const Tensor& b, std::vector<int> c) {
  for (int m = 0; m < kM; ++m) {
    for (int n = 0; n < kN; ++n) {
      for (int k = 0; k < kK; ++k) {
        c[static_cast<std::size_t>(m * kN + n)] +=
            a.data<std::int8_t>()[m * kK + k] * b.data<std::int8_t>()[k * kN + n];
      }
    }
  }
  return c;
}

// The rows of a matrix of 16 x 32 bytes as ldmatrix_x4 reads them into the fragments of mma's left operand:
// its four quarters, upper left, lower left, upper right, lower right.
__global__ void load_fragments_kernel(const std::int8_t* a, unsigned* fragments) {
  TERN_SHARED(std::int8_t, tile, kM * kK);
  const int lane = lane_index();
  for (int i = lane; i < kTileBytes; i += kWarpSize) tile[i] = a[i];
  sync_block();
  unsigned registers[4];
  ldmatrix_x4(registers, &tile[lane % 16 * kK + lane / 16 * 16]);
  for (int i = 0; i < 4; ++i) fragments[lane * 4 + i] = registers[i];
}

constexpr int kStages = 3, kSteps = 5;

// Copies kSteps * 32 rows of 16 bytes through a ring of kStages buffers; odd rows are not valid.
__global__ void pipeline_kernel(const int4* from, int4* to) {
  TERN_SHARED(int4, ring, kStages * 32);
  const int lane = lane_index();
  const auto load = [&](int step) {
    if (step < kSteps) {
      cp_async_16(&ring[step % kStages * 32 + lane], from + step * 32 + lane, lane % 2 == 0);
    }
    cp_async_commit();  // an empty group too, so that the number of groups tells the step
  };
  for (int step = 0; step < kStages - 1; ++step) load(step);
  for (int step = 0; step < kSteps; ++step) {
    cp_async_wait<kStages - 2>();
    sync_block();
    to[step * 32 + lane] = ring[step % kStages * 32 + (lane + 1) % 32];
    load(step + kStages - 1);
  }
}

}  // namespace

TEST_CASE("ptx: mma.m16n8k32 multiplies signed bytes in the documented layout") {
  Device device;
  if (!test::each_gpu(device)) return;
  const Tensor a = random_integers<std::int8_t>({kM, kK}, 1), b = random_integers<std::int8_t>({kK, kN}, 2);
  std::vector<int> c(kM * kN);
  for (std::size_t i = 0; i < c.size(); ++i) c[i] = static_cast<int>(i) * 1001 - 60000;

  const Tensor left = a.to(device), right = b.to(device);
  Tensor sums = Tensor::from({kM, kN}, c).to(device);
  {
    const DeviceScope scope(device, "test");
    TERN_LAUNCH(mma_kernel, {dim3(1), dim3(kWarpSize)}, left.data<std::int8_t>(), right.data<std::int8_t>(),
                sums.data<std::int32_t>());
  }
  CHECK(sums.to_vector<std::int32_t>() == naive_product(a, b, c));
}

TEST_CASE("ptx: ldmatrix gives the left operand of mma") {
  Device device;
  if (!test::each_gpu(device)) return;
  const Tensor a = random_integers<std::int8_t>({kM, kK}, 3);
  const Tensor input = a.to(device);
  Tensor fragments = Tensor::zeros({kWarpSize, 4}, DType::i32, device);
  {
    const DeviceScope scope(device, "test");
    TERN_LAUNCH(load_fragments_kernel, {dim3(1), dim3(kWarpSize)}, input.data<std::int8_t>(),
                reinterpret_cast<unsigned*>(fragments.data<std::int32_t>()));
  }
  const std::vector<std::int32_t> words = fragments.to_vector<std::int32_t>();
  for (int lane = 0; lane < kWarpSize; ++lane) {
    for (int i = 0; i < 4; ++i) {
      for (int byte = 0; byte < 4; ++byte) {
        CAPTURE(lane, i, byte);
        const int row = lane / 4 + 8 * (i % 2), column = 16 * (i / 2) + lane % 4 * 4 + byte;
        const auto word = static_cast<std::uint32_t>(words[static_cast<std::size_t>(lane * 4 + i)]);
        REQUIRE(static_cast<std::int8_t>(word >> (8 * byte)) == a.data<std::int8_t>()[row * kK + column]);
      }
    }
  }
}

TEST_CASE("ptx: a pipeline of asynchronous copies, with zeros for what is not valid") {
  Device device;
  if (!test::each_gpu(device)) return;
  const Tensor from = random_integers<std::int32_t>({kSteps, 32, 4}, 4);
  const Tensor input = from.to(device);
  Tensor to = Tensor::zeros({kSteps, 32, 4}, DType::i32, device);
  {
    const DeviceScope scope(device, "test");
    TERN_LAUNCH(pipeline_kernel, {dim3(1), dim3(32)}, static_cast<const int4*>(input.raw()),
                static_cast<int4*>(to.raw()));
  }
  const std::vector<std::int32_t> result = to.to_vector<std::int32_t>();
  for (int step = 0; step < kSteps; ++step) {
    for (int row = 0; row < 32; ++row) {
      const int source = (row + 1) % 32;
      for (int i = 0; i < 4; ++i) {
        CAPTURE(step, row, i);
        const std::int32_t expected =
            source % 2 == 0 ? from.data<std::int32_t>()[(step * 32 + source) * 4 + i] : 0;
        REQUIRE(result[static_cast<std::size_t>((step * 32 + row) * 4 + i)] == expected);
      }
    }
  }
}
