// A graph of operations as cuDNN runs it: engines, and plans to execute them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tern/core/tensor.h"
#include "tern/kernels/cuda/cudnn_descriptor.h"

namespace tern::kernels::cuda {

/// The GPU that plans are made for: the current device, or one that is described, whose plans can be looked
/// at where it is not.
class CudnnTarget {
 public:
  CudnnTarget() = default;
  /// `json` is what cuDNN has as CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION of a GPU. Throws DeviceError if
  /// cuDNN does not understand it.
  explicit CudnnTarget(const std::string& json);

  /// Sets the attribute if the target is the current device, to its handle,
  void set_handle(CudnnDescriptor& descriptor, cudnnBackendAttributeName_t name) const;
  /// or if it is not, to the description.
  void describe(CudnnDescriptor& descriptor, cudnnBackendAttributeName_t name) const;

 private:
  std::optional<CudnnDescriptor> properties_;
};

/// What cuDNN's heuristics propose for the graph of these operations, best first; behind that the fallbacks,
/// which are slower and take any shape.
std::vector<CudnnDescriptor> engine_configurations(const std::vector<CudnnDescriptor>& operations,
                                                   const CudnnTarget& target = {});

class CudnnPlan {
 public:
  static constexpr std::int64_t kGibibyte = std::int64_t{1} << 30;

  /// Nothing if cuDNN refuses the configuration or it wants more memory than that for itself.
  static std::optional<CudnnPlan> make(const CudnnDescriptor& configuration,
                                       std::int64_t max_workspace_bytes = kGibibyte,
                                       const CudnnTarget& target = {});

  std::int64_t workspace_bytes() const { return workspace_bytes_; }

  /// Runs it on the current device and its stream with tensors[i] for the graph's tensor with the id i + 1.
  /// `what` begins errors.
  void execute(const std::string& what, const std::vector<Tensor>& tensors) const;

 private:
  CudnnPlan(CudnnDescriptor plan, std::int64_t workspace_bytes);

  CudnnDescriptor plan_;
  std::int64_t workspace_bytes_;
};

}  // namespace tern::kernels::cuda
