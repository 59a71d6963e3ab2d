#include "tern/core/cuda/graph.h"

#include "tern/core/cuda/runtime.h"
#include "tern/core/error.h"

namespace tern::cuda {
namespace {

/// Records what this thread gives the stream, until end() or, in vain, the end of its life. Other threads may
/// allocate page-locked memory meanwhile, as those of a loader do.
class Capture {
 public:
  Capture() { TERN_CUDA_CHECK(cudaStreamBeginCapture(stream(), cudaStreamCaptureModeThreadLocal)); }
  ~Capture() {
    if (ended_) return;
    cudaGraph_t graph = nullptr;
    if (cudaStreamEndCapture(stream(), &graph) == cudaSuccess) cudaGraphDestroy(graph);
    cudaGetLastError();  // forgets it: a later launch would report it as its own
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  cudaGraph_t end() {
    ended_ = true;
    cudaGraph_t graph = nullptr;
    const cudaError_t error = cudaStreamEndCapture(stream(), &graph);
    cudaGetLastError();
    check(error, "cudaStreamEndCapture", __FILE__, __LINE__);
    return graph;
  }

 private:
  bool ended_ = false;
};

}  // namespace

Graph::Graph(DeviceAllocator& allocator, int index, const std::function<void()>& work)
    : index_(index), pool_(allocator) {
  require<DeviceError>(!synchronises_after_launch(),
                       "TERN_CUDA_SYNC=1 waits after each kernel, which a graph does not record");
  const DeviceGuard guard(index);
  record(work);
  check_memory(allocator);
}

void Graph::record(const std::function<void()>& work) {
  cudaGraph_t graph = nullptr;
  {
    const BlockPool::Use use(pool_);
    Capture capture;
    work();
    graph = capture.end();
  }
  const cudaError_t error = cudaGraphInstantiateWithFlags(&executable_, graph, 0);
  cudaGraphDestroy(graph);
  TERN_CUDA_CHECK(error);
}

void Graph::check_memory(const DeviceAllocator& allocator) const {
  std::size_t available = 0, total = 0;
  TERN_CUDA_CHECK(cudaMemGetInfo(&available, &total));
  available += allocator.memory().cached_bytes;
  if (available >= pool_.bytes()) return;
  cudaGraphExecDestroy(executable_);
  throw DeviceError(fmt::format("a graph would keep {} MiB and leave {} to all else, of {}",
                                pool_.bytes() >> 20, available >> 20, total >> 20));
}

Graph::~Graph() {
  try {
    const DeviceGuard guard(index_);
    cudaGraphExecDestroy(executable_);
  } catch (const DeviceError&) {  // the program ends and CUDA has gone before
  }
}

void Graph::launch() {
  const DeviceGuard guard(index_);
  TERN_CUDA_CHECK(cudaGraphLaunch(executable_, stream()));
}

}  // namespace tern::cuda
