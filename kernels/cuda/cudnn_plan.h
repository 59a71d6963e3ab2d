// A graph of operations as cuDNN runs it: engines, and plans to execute them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tern/core/tensor.h"
#include "tern/kernels/cuda/cudnn_descriptor.h"

namespace tern::kernels::cuda {

/// What cuDNN's heuristics propose for the graph of these operations on the current device, best first;
/// behind that the fallbacks, which are slower and take any shape.
std::vector<CudnnDescriptor> engine_configurations(const std::vector<CudnnDescriptor>& operations);

class CudnnPlan {
 public:
  /// For the current device; nothing if cuDNN refuses the configuration or it wants more than 1 GiB for
  /// itself.
  static std::optional<CudnnPlan> make(const CudnnDescriptor& configuration);

  /// Runs it on the current device and its stream with tensors[i] for the graph's tensor with the id i + 1.
  /// `what` begins errors.
  void execute(const std::string& what, const std::vector<Tensor>& tensors) const;

 private:
  CudnnPlan(CudnnDescriptor plan, std::int64_t workspace_bytes);

  CudnnDescriptor plan_;
  std::int64_t workspace_bytes_;
};

}  // namespace tern::kernels::cuda
