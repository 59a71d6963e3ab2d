// Work of a GPU that is recorded once and then launched as one: a CUDA graph. Small networks have hundreds of
// kernels a step, each of which is done sooner than the host launches the next.
//
//   Tensor y;
//   const auto graph = record_graph(device, [&] { y = f(x); });   // nothing is computed
//   graph->launch();                                              // y = f(x), of what x holds now
//   graph->launch();                                              // the same tensors again
//
// What is launched again are kernels, fills and copies on the device, with the addresses and numbers that
// they had when they were recorded. So `work` may read and write tensors from before, which then have to stay
// where they are, and tensors of its own, whose memory belongs to the graph; a number that another launch is
// to see differently has to be in a tensor. What the host does in `work` it does once.
#pragma once

#include <functional>
#include <memory>

#include "tern/core/device.h"

namespace tern {

class DeviceGraph {
 public:
  virtual ~DeviceGraph() = default;
  /// Queues the work behind what the device has been given.
  virtual void launch() = 0;
};

/// Runs `work` on this thread, which may not wait for `device` in it: copy to or from the host, free what is
/// not its own. Whatever it calls must have run before, for then it has made its plans and loaded its
/// kernels. Throws DeviceError if the device records no graphs, at what it does not record, if TERN_CUDA_SYNC
/// asks for a wait after each kernel, and where the graph would leave less memory than it takes itself:
/// everything else than the graph needs memory of its own. It then has forgotten all; `work` may be run as it
/// is.
std::unique_ptr<DeviceGraph> record_graph(Device device, const std::function<void()>& work);

}  // namespace tern
