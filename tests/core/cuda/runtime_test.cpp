// The host side of launches, on the emulated device, whose memory a test can look at while work is pending.
#include "tern/core/cuda/runtime.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "emulation/devices.h"
#include "emulation/stream.h"
#include "tern/core/device_graph.h"
#include "tern/core/error.h"
#include "tern/core/readback.h"
#include "tern/core/upload.h"
#include "tests/support/catch.h"

namespace tern::cuda {
namespace {

using Catch::Contains;

[[maybe_unused]] const int kTwoDevices = setenv("TERN_EMULATED_DEVICES", "2", 0);

// ctest runs this case a second time with TERN_CUDA_SYNC=1.
TEST_CASE("runtime: after a launch the host waits for the device with TERN_CUDA_SYNC=1 and only then") {
  const char* value = std::getenv("TERN_CUDA_SYNC");
  const bool synchronises = value != nullptr && std::string(value) == "1";
  void *host = nullptr, *device = nullptr;
  TERN_CUDA_CHECK(cudaMallocHost(&host, 1));
  TERN_CUDA_CHECK(cudaMalloc(&device, 1));
  *static_cast<char*>(host) = 'x';
  TERN_CUDA_CHECK(cudaMemcpyAsync(device, host, 1, cudaMemcpyHostToDevice, stream()));
  check_launch("kernel", "kernel.cu", 1);
  CHECK((*static_cast<char*>(device) == 'x') == synchronises);
  TERN_CUDA_CHECK(cudaStreamSynchronize(stream()));
  CHECK(*static_cast<char*>(device) == 'x');
  TERN_CUDA_CHECK(cudaFreeHost(host));
  TERN_CUDA_CHECK(cudaFree(device));
}

TEST_CASE("runtime: with TERN_CUDA_SYNC=1 no graph is recorded, and the error says why") {
  const Device gpu{DeviceType::cuda, 0};
  if (synchronises_after_launch()) {
    CHECK_THROWS_WITH(record_graph(gpu, [] {}), Contains("TERN_CUDA_SYNC=1 waits after each kernel"));
  } else {
    CHECK_NOTHROW(record_graph(gpu, [] {}));
  }
}

TEST_CASE("runtime: an error names what failed, CUDA's reason, file and line") {
  CHECK_THROWS_WITH(TERN_CUDA_CHECK(cudaSetDevice(7)), Contains("cudaSetDevice(7)") &&
                                                           Contains("cudaErrorInvalidDevice") &&
                                                           Contains("runtime_test.cpp:"));
  // The error stays until somebody asks; after a launch it is that kernel's.
  CHECK_THROWS_WITH(check_launch("scale_kernel", "scale.cu", 12), Contains("scale_kernel") &&
                                                                      Contains("invalid device ordinal") &&
                                                                      Contains("scale.cu:12"));
  CHECK_NOTHROW(check_launch("scale_kernel", "scale.cu", 12));
}

TEST_CASE("runtime: memory that ran out is no error of the next launch") {
  const Device gpu{DeviceType::cuda, 0};
  CHECK_THROWS_AS(Tensor::empty({std::int64_t{1} << 50}, DType::u8, gpu), DeviceError);
  CHECK_NOTHROW(check_launch("kernel", "kernel.cu", 1));
}

TEST_CASE("runtime: a thread that works on cuda:1 makes no context on GPU 0") {
  std::int64_t uses = -1;
  std::vector<float> back;
  std::thread([&] {
    constexpr Device kSecond{DeviceType::cuda, 1};
    {
      Tensor staged = staging_tensor({1 << 20}, DType::f32, kSecond);
      std::fill_n(staged.data<float>(), staged.numel(), 3.0F);
      back = to_host({Upload(staged, kSecond).finish()}).front().to_vector<float>();
      device_memory(kSecond);
    }
    {
      const DeviceGuard guard(1);
      check_launch("kernel", "kernel.cu", 1);
    }
    uses = emulation::uses_of(0);
  }).join();
  CHECK(uses == 0);
  CHECK((back == std::vector<float>(1 << 20, 3.0F)));
}

TEST_CASE("runtime: a device that a thread has chosen is current again after the work on another") {
  set_device(0);
  {
    const DeviceGuard guard(1);
    CHECK(emulation::current_device() == 1);
  }
  CHECK(emulation::current_device() == 0);
}

// Who gets the error frees the memory, which the next batch is then written to.
TEST_CASE("runtime: where a call behind a copy fails, the copy is done when the error arrives") {
  constexpr Device kFirst{DeviceType::cuda, 0};
  Tensor staged = staging_tensor({1}, DType::f32, kFirst);
  *staged.data<float>() = 1;
  Tensor on_device = Tensor::zeros({1}, DType::f32, kFirst);
  emulation::fail_event_record(2);  // the first is of the work before the copy
  CHECK_THROWS_WITH(backend_of(DeviceType::cuda).staging()->start_copy(on_device.raw(), staged.raw(), 4, 0),
                    Contains("cudaEventRecord") && Contains("unspecified launch failure"));
  cudaGetLastError();  // forgets it
  *staged.data<float>() = 2;
  TERN_CUDA_CHECK(cudaStreamSynchronize(copy_stream()));
  CHECK(on_device.to_vector<float>().front() == 1);
}

TEST_CASE("runtime: the stream of copies is another one") {
  CHECK(stream() != copy_stream());
  CHECK(stream() == stream());
}

}  // namespace
}  // namespace tern::cuda
