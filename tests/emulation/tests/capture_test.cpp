// Stream capture as CUDA has it, and what it forbids.
#include "emulation/capture.h"

#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include "emulation/stream.h"
#include "tern/core/cuda/runtime.h"
#include "tern/kernels/cuda/device.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tests/support/catch.h"

namespace tern::emulation {
namespace {

using ::tern::cuda::stream;

__global__ void multiply_kernel(int* x, int factor, const int* factor_on_device) {
  *x *= factor * *factor_on_device;
}

/// Device memory that the emulated build can look into.
class Number {
 public:
  explicit Number(int value) {
    cudaMalloc(&memory_, sizeof(int));
    *memory_ = value;
  }
  ~Number() { cudaFree(memory_); }
  int* get() { return memory_; }
  int& operator*() { return *memory_; }

 private:
  int* memory_ = nullptr;
};

/// A graph of what `work` gives the stream.
class RecordedGraph {
 public:
  explicit RecordedGraph(const std::function<void()>& work) {
    cudaStreamBeginCapture(stream(), cudaStreamCaptureModeThreadLocal);
    work();
    cudaGraph_t graph = nullptr;
    REQUIRE(cudaStreamEndCapture(stream(), &graph) == cudaSuccess);
    cudaGraphInstantiateWithFlags(&executable_, graph, 0);
    cudaGraphDestroy(graph);
  }
  ~RecordedGraph() { cudaGraphExecDestroy(executable_); }
  void launch() { CHECK(cudaGraphLaunch(executable_, stream()) == cudaSuccess); }

 private:
  cudaGraphExec_t executable_ = nullptr;
};

void multiply(Number& x, int factor, Number& factor_on_device) {
  kernels::cuda::launch({"multiply_kernel", __FILE__, __LINE__}, multiply_kernel, {dim3(1), dim3(1)}, x.get(),
                        factor, factor_on_device.get());
}

TEST_CASE("emulated capture: what is captured is not done, and what launches is done in order, each time") {
  Number x(1), one(1);
  RecordedGraph graph([&] {
    multiply(x, 2, one);
    cudaMemsetAsync(one.get(), 0, sizeof(int), stream());
  });
  CHECK(*x == 1);
  CHECK(*one == 1);
  graph.launch();
  CHECK(*x == 2);
  CHECK(*one == 0);
  graph.launch();
  CHECK(*x == 0);
}

// A learning rate that is an argument of a kernel stays what it was.
TEST_CASE("emulated capture: a number is that of the capture, memory is that of the launch") {
  Number x(1), on_device(3);
  int factor = 2;
  RecordedGraph graph([&] { multiply(x, factor, on_device); });
  factor = 5;
  *on_device = 7;
  graph.launch();
  CHECK(*x == 2 * 7);
}

TEST_CASE("emulated capture: a graph is one thing that the host gives the device") {
  Number x(1), one(1);
  const std::int64_t before = work_given();
  RecordedGraph graph([&] {
    for (int i = 0; i < 10; ++i) multiply(x, 2, one);
  });
  CHECK(work_given() == before);
  graph.launch();
  CHECK(work_given() == before + 1);
  CHECK(*x == 1024);
}

TEST_CASE("emulated capture: where streams are shuffled, a graph waits its turn") {
  shuffle_streams(1);
  {
    Number x(1), one(1);
    RecordedGraph graph([&] { multiply(x, 2, one); });
    multiply(x, 3, one);
    graph.launch();
    CHECK(*x == 1);
    cudaStreamSynchronize(stream());
    CHECK(*x == 6);
  }
  shuffle_streams(0);
}

/// What becomes of a call while the stream is captured, and of the capture.
struct Outcome {
  cudaError_t call, end;
};

Outcome while_captured(const std::function<cudaError_t()>& call,
                       cudaStreamCaptureMode mode = cudaStreamCaptureModeThreadLocal) {
  Outcome outcome{};
  cudaStreamBeginCapture(stream(), mode);
  outcome.call = call();
  cudaGraph_t graph = nullptr;
  outcome.end = cudaStreamEndCapture(stream(), &graph);
  CHECK((graph != nullptr) == (outcome.end == cudaSuccess));
  cudaGraphDestroy(graph);
  cudaGetLastError();
  return outcome;
}

struct Event {
  Event() { cudaEventCreate(&event); }
  ~Event() { cudaEventDestroy(event); }
  cudaEvent_t event = nullptr;
};

TEST_CASE("emulated capture: waits, copies of the host and allocations are refused, and end it") {
  Number x(0), y(0);
  const Event event;
  int on_host = 0;
  void* memory = nullptr;
  const std::pair<const char*, std::function<cudaError_t()>> calls[] = {
      {"cudaStreamSynchronize", [&] { return cudaStreamSynchronize(stream()); }},
      {"cudaDeviceSynchronize", [&] { return cudaDeviceSynchronize(); }},
      {"cudaEventQuery", [&] { return cudaEventQuery(event.event); }},
      {"cudaEventSynchronize", [&] { return cudaEventSynchronize(event.event); }},
      {"cudaMalloc", [&] { return cudaMalloc(&memory, 1); }},
      {"cudaFree", [&] { return cudaFree(x.get()); }},
      {"cudaHostAlloc", [&] { return cudaHostAlloc(&memory, 1, cudaHostAllocDefault); }},
      {"cudaMemset", [&] { return cudaMemset(x.get(), 0, 4); }},
      {"cudaMemcpy", [&] { return cudaMemcpy(x.get(), y.get(), 4, cudaMemcpyDeviceToDevice); }},
      {"cudaMemcpyAsync from pageable memory",
       [&] { return cudaMemcpyAsync(x.get(), &on_host, 4, cudaMemcpyHostToDevice, stream()); }},
      {"cudaMemcpyAsync to pageable memory",
       [&] { return cudaMemcpyAsync(&on_host, x.get(), 4, cudaMemcpyDeviceToHost, stream()); }},
  };
  for (const auto& [name, call] : calls) {
    INFO(name);
    const Outcome outcome = while_captured(call);
    CHECK(outcome.call == cudaErrorStreamCaptureUnsupported);
    CHECK(outcome.end == cudaErrorStreamCaptureInvalidated);
  }
}

TEST_CASE("emulated capture: what is given to the stream behind a call that was refused is refused, too") {
  Number x(1), one(1);
  cudaStreamBeginCapture(stream(), cudaStreamCaptureModeThreadLocal);
  cudaStreamSynchronize(stream());
  cudaGetLastError();
  CHECK_THROWS_WITH(multiply(x, 2, one), Catch::Contains("cudaErrorStreamCaptureInvalidated"));
  cudaGraph_t graph = nullptr;
  CHECK(cudaStreamEndCapture(stream(), &graph) == cudaErrorStreamCaptureInvalidated);
  CHECK(*x == 1);
  cudaGetLastError();
  CHECK_NOTHROW(multiply(x, 2, one));
  CHECK(*x == 2);
}

TEST_CASE("emulated capture: copies on the device and from page-locked memory are captured") {
  Number x(0), y(3);
  int* pinned = nullptr;
  cudaMallocHost(reinterpret_cast<void**>(&pinned), sizeof(int));
  *pinned = 4;
  RecordedGraph graph([&] {
    cudaMemcpyAsync(x.get(), y.get(), sizeof(int), cudaMemcpyDeviceToDevice, stream());
    cudaMemcpyAsync(y.get(), pinned, sizeof(int), cudaMemcpyHostToDevice, stream());
  });
  *pinned = 5;
  graph.launch();
  CHECK(*x == 3);
  CHECK(*y == 5);
  cudaFreeHost(pinned);
}

TEST_CASE(
    "emulated capture: an event that was recorded in it cannot be asked for, and one from outside not waited "
    "for") {
  const Event event;
  const Outcome asked = while_captured([&] {
    cudaEventRecord(event.event, stream());
    return cudaEventQuery(event.event);
  });
  CHECK(asked.call == cudaErrorCapturedEvent);
  CHECK(cudaEventSynchronize(event.event) == cudaErrorCapturedEvent);
  cudaGetLastError();
  cudaEventRecord(event.event, stream());
  CHECK(cudaEventQuery(event.event) == cudaSuccess);
  const Outcome waited = while_captured([&] { return cudaStreamWaitEvent(stream(), event.event); });
  CHECK(waited.call == cudaErrorStreamCaptureIsolation);
  CHECK(waited.end == cudaErrorStreamCaptureInvalidated);
}

TEST_CASE(
    "emulated capture: a thread in relaxed mode may allocate, as may others unless the mode is global") {
  void* memory = nullptr;
  const auto allocate = [&] {
    const cudaError_t error = cudaMalloc(&memory, 1);
    if (error == cudaSuccess) cudaFree(memory);
    return error;
  };
  const auto relaxed = [&] {
    cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
    cudaThreadExchangeStreamCaptureMode(&mode);
    const cudaError_t error = allocate();
    cudaThreadExchangeStreamCaptureMode(&mode);
    CHECK(mode == cudaStreamCaptureModeRelaxed);
    return error;
  };
  const auto elsewhere = [&] {
    cudaError_t error = cudaSuccess;
    std::thread([&] { error = allocate(); }).join();
    return error;
  };
  CHECK(while_captured(relaxed).end == cudaSuccess);
  CHECK(while_captured(elsewhere).end == cudaSuccess);
  CHECK(while_captured(elsewhere, cudaStreamCaptureModeGlobal).end == cudaErrorStreamCaptureInvalidated);
  CHECK(while_captured(allocate, cudaStreamCaptureModeRelaxed).end == cudaSuccess);
}

TEST_CASE("emulated capture: it is begun once, and ended by its own thread") {
  cudaGraph_t graph = nullptr;
  CHECK(cudaStreamEndCapture(stream(), &graph) == cudaErrorIllegalState);
  const Outcome twice =
      while_captured([] { return cudaStreamBeginCapture(stream(), cudaStreamCaptureModeThreadLocal); });
  CHECK(twice.call == cudaErrorIllegalState);
  const Outcome elsewhere = while_captured([&] {
    cudaError_t error = cudaSuccess;
    const cudaStream_t captured = stream();
    std::thread([&] { error = cudaStreamEndCapture(captured, &graph); }).join();
    return error;
  });
  CHECK(elsewhere.call == cudaErrorStreamCaptureWrongThread);
}

}  // namespace
}  // namespace tern::emulation
