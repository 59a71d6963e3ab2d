#include "tern/core/device_scope.h"
#include "tern/core/tensor.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tests/support/catch.h"
#include "tests/support/devices.h"

using namespace tern;
using kernels::cuda::Coordinates;

namespace {

// As a function object: a lambda in a test case has no address.
struct CountWrongCoordinates {
  std::int64_t height, width, channels;
  std::int32_t* visits;  // of each element
  int* wrong;
  __device__ void operator()(std::int64_t i, const Coordinates<4>& at) const {
    ++visits[i];
    if (((at[0] * height + at[1]) * width + at[2]) * channels + at[3] != i)
      kernels::cuda::atomic_add(wrong, 1);
    if (at[1] >= height || at[2] >= width || at[3] >= channels) kernels::cuda::atomic_add(wrong, 1);
  }
};

struct CountVectorVisits {
  std::int32_t* visits;  // of each element
  int* wrong;
  template <int Width>
  __device__ void at(std::int64_t i) const {
    if (i % Width != 0) kernels::cuda::atomic_add(wrong, 1);
    for (int k = 0; k < Width; ++k) ++visits[i + k];
  }
};

std::int64_t visited_once(const Tensor& visits) {
  std::int64_t result = 0;
  for (const std::int32_t count : visits.to_vector<std::int32_t>()) result += count == 1;
  return result;
}

}  // namespace

TEST_CASE("for_each_vector: each element once, in vectors that begin at multiples of their width") {
  Device device;
  if (!test::each_gpu(device)) return;
  for (const std::int64_t count : {0, 1, 7, 8, 15, 1027}) {
    Tensor visits = Tensor::zeros({count}, DType::i32, device),
           wrong = Tensor::zeros({1}, DType::i32, device);
    {
      const DeviceScope scope(device, "test");
      kernels::cuda::for_each_vector<8>(
          count, CountVectorVisits{visits.data<std::int32_t>(), wrong.data<std::int32_t>()});
    }
    CHECK(wrong.to_vector<std::int32_t>().front() == 0);
    CHECK(visited_once(visits) == count);
  }
}

TEST_CASE(
    "for_each_coordinates: each element once with its coordinates, beyond one sweep of the grid as well") {
  Device device;
  if (!test::each_gpu(device)) return;
  // A grid has at most 4096 blocks of 256 threads.
  for (const Shape& shape : {Shape{3, 641, 7, 89}, Shape{2, 3, 5, 7}, Shape{1, 1, 1, 1}, Shape{4, 0, 3, 2}}) {
    Tensor visits = Tensor::zeros(shape, DType::i32, device), wrong = Tensor::zeros({1}, DType::i32, device);
    {
      const DeviceScope scope(device, "test");
      kernels::cuda::for_each_coordinates(
          {shape[0], shape[1], shape[2], shape[3]},
          CountWrongCoordinates{shape[1], shape[2], shape[3], visits.data<std::int32_t>(),
                                wrong.data<std::int32_t>()});
    }
    CHECK(wrong.to_vector<std::int32_t>().front() == 0);
    CHECK(visited_once(visits) == shape.numel());
  }
}
