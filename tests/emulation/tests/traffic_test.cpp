// What is counted as traffic.
#include "emulation/traffic.h"

#include "tern/core/bfloat16.h"
#include "tern/kernels/add.h"
#include "tern/kernels/binary_branch_weights.h"
#include "tern/kernels/cast.h"
#include "tern/kernels/conv2d.h"
#include "tern/kernels/ternary_conv2d.h"
#include "tests/support/catch.h"

namespace tern::emulation {
namespace {

constexpr Device kGpu{DeviceType::cuda, 0};

Tensor zeros(const Shape& shape, DType dtype = DType::f32) {
  return Tensor::zeros(shape, dtype).to(kGpu);
}

/// What all launches of `body` move.
template <class Body>
TrafficTable traffic_of(const Body& body) {
  const TrafficCount count;
  body();
  return count.table();
}

TEST_CASE("traffic: bytes in whole sectors of 32, of each operand once") {
  const Tensor x = zeros({1001});
  const TrafficTable table = traffic_of([&] { kernels::cast(x, DType::bf16); });
  REQUIRE(table.size() == 1);
  CHECK(table.begin()->first == Mover{"cast", "for_each_vector_kernel"});
  CHECK(table.begin()->second.launches == 1);
  CHECK(table.begin()->second.loaded == 4032);
  CHECK(table.begin()->second.stored == 2016);
}

TEST_CASE("traffic: what is changed in place is loaded and stored, and launches add up") {
  Tensor x = zeros({64});
  const Tensor y = zeros({64});
  const TrafficTable table = traffic_of([&] {
    kernels::accumulate(x, y);
    kernels::accumulate(x, y);
  });
  REQUIRE(table.size() == 1);
  CHECK(table.begin()->second.launches == 2);
  CHECK(table.begin()->second.loaded == 2 * 2 * 256);
  CHECK(table.begin()->second.stored == 2 * 256);
}

// Nine taps read each pixel, 128 filters each window; sums are made by atomics.
TEST_CASE("traffic: a sector counts once, however often a launch comes back to it") {
  const Tensor x = zeros({1, 8, 8, 64}, DType::i8), t = zeros({128, 3, 3, 64}, DType::i8);
  TrafficTable table = traffic_of([&] { kernels::ternary_conv2d_with_sums(x, t, {1, 1}); });
  const Traffic& convolution = table.at({"ternary_conv2d_with_sums", "ternary_conv2d_implicit_gemm_kernel"});
  const std::int64_t sums = 2 * 128 * 8;
  CHECK(convolution.loaded == 8 * 8 * 64 + 128 * 9 * 64 + sums);
  CHECK(convolution.stored == 8 * 8 * 128 * 2 + sums);
  CHECK(table.at({"", "cudaMemsetAsync"}).stored == sums);
}

TEST_CASE("traffic: latent weights are stored where they are clamped, and nowhere else") {
  Tensor w1 = Tensor::zeros({4, 3, 3, 8});
  w1.data<float>()[17] = 1.5F;
  Tensor on_gpu = w1.to(kGpu), w2 = zeros(w1.shape());
  const TrafficTable table = traffic_of([&] { kernels::binary_branch_weights(on_gpu, w2); });
  const Traffic& weights = table.at({"binary_branch_weights", "binary_branch_weights_kernel"});
  CHECK(weights.loaded == 2 * 4 * w1.numel());
  CHECK(weights.stored == 32 + w1.numel() + 32);  // of w1, T and the scales
  CHECK(on_gpu.to(Device{}).data<float>()[17] == 1.0F);
}

TEST_CASE("traffic: a library's call moves its operands and its result") {
  const Tensor x = zeros({2, 5, 5, 3}), w = zeros({4, 3, 3, 3});
  const TrafficTable table = traffic_of([&] { kernels::conv2d(x, w, Tensor(), {1, 1}); });
  REQUIRE(table.size() == 1);
  CHECK(table.begin()->first == Mover{"conv2d", "cuDNN"});
  CHECK(table.begin()->second.loaded == 4 * (2 * 5 * 5 * 3 + 4 * 3 * 3 * 3));
  CHECK(table.begin()->second.stored == 4 * (2 * 5 * 5 * 4));
}

}  // namespace
}  // namespace tern::emulation
