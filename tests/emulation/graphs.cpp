// Stream capture and graphs of the runtime API of toolkit/cuda_runtime.h.
#include <utility>

#include "emulation/handles.h"

using namespace tern::emulation;

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  std::swap(*mode, capture_mode_of_thread());
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  if (stream == nullptr) return result(cudaErrorStreamCaptureUnsupported);
  if (stream->capture != nullptr) return result(cudaErrorIllegalState);
  stream->capture = std::make_unique<Capture>(stream->queue->device(), mode);
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = nullptr;
  if (capture_of(stream) == nullptr) return result(cudaErrorIllegalState);
  if (stream->capture->belongs_to_another_thread()) {
    stream->capture->invalidate();
    return result(cudaErrorStreamCaptureWrongThread);
  }
  const std::unique_ptr<Capture> ended = std::move(stream->capture);
  if (!ended->valid()) return result(cudaErrorStreamCaptureInvalidated);
  *graph = new CUgraph_st{ended->take()};
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* executable, cudaGraph_t graph,
                                          unsigned long long) {
  *executable = new CUgraphExec_st{std::make_shared<const GraphWork>(graph->work)};
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  if (executable == nullptr) return result(cudaErrorInvalidValue);
  do_or_queue(stream, [work = executable->work] {
    for (const std::function<void()>& node : *work) node();
  });
  return cudaSuccess;
}
