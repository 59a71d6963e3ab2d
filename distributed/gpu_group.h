// The GPUs of the processes that train one network together, one each.
#pragma once

#include <cstddef>
#include <memory>

#include "tern/core/device.h"

namespace tern {

class ProcessGroup;

/// In which order the values of the ranks are added up.
enum class Reduction {
  tree,  ///< tree_sum.h; the number of ranks is a power of two.
  nccl,  ///< One that NCCL chooses, by how many GPUs there are and how they are connected.
};

/// What ranks exchange between their GPUs, past the memory of the hosts. As in a ProcessGroup all call the
/// same functions in the same order.
class GpuGroup {
 public:
  GpuGroup() = default;
  virtual ~GpuGroup() = default;
  GpuGroup(const GpuGroup&) = delete;
  GpuGroup& operator=(const GpuGroup&) = delete;

  /// After the work that the GPU has been given so far: sends `sent` values to `peer` and receives `received`
  /// from it, which calls the same. The ranges are on the GPU and do not overlap. Returns when they have
  /// arrived. Throws DistributedError naming the peer, if it does not answer in time, and place().
  virtual void exchange(int peer, const float* send, std::size_t sent, float* receive,
                        std::size_t received) = 0;
  /// Overwrites values on the GPU, as many on all ranks, with their sums over the ranks, in NCCL's order.
  /// Else as exchange(), but that no peer is named.
  virtual void all_reduce(float* values, std::size_t count) = 0;

  /// How gradients are to be added up.
  virtual Reduction reduction() const = 0;
};

struct GpuGroupOptions {
  double timeout_seconds = 60;  ///< How long a rank waits for others.
  Reduction reduction = Reduction::tree;
};

/// By NCCL, between `device` of each rank of `group`, which must outlive it; all call this together. Throws
/// DeviceError, on all ranks, if one of them has no NCCL, and DistributedError if they do not find each other
/// in time.
std::unique_ptr<GpuGroup> connect_gpus(ProcessGroup& group, Device device, const GpuGroupOptions& options);

}  // namespace tern
