// A recorded CUDA graph. Not for public headers: it includes CUDA's own.
#pragma once

#include <cuda_runtime.h>

#include <functional>

#include "tern/core/cuda/allocator.h"
#include "tern/core/device_graph.h"

namespace tern::cuda {

class Graph final : public DeviceGraph {
 public:
  /// Records `work` on the stream of device `index`, whose memory `allocator` gives. Throws as
  /// record_graph().
  Graph(DeviceAllocator& allocator, int index, const std::function<void()>& work);
  ~Graph() override;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  void launch() override;

 private:
  void record(const std::function<void()>& work);
  void check_memory(const DeviceAllocator& allocator) const;

  int index_;
  BlockPool pool_;
  cudaGraphExec_t executable_ = nullptr;
};

}  // namespace tern::cuda
