// One convolution problem of f32 or bf16 tensors as cuDNN runs it: the engine chosen for it.
//
// This is cuDNN's graph API by its C interface; the older cudnnConvolution*() calls are deprecated in cuDNN
// 9, and only here does each engine state its numerical notes, from which the guarantees of kernels/conv2d.h
// follow. An engine is taken only if it is deterministic, uses no transform (FFT, Winograd), neither converts
// its inputs to a narrower type nor sums in one, and, for f32 unless TF32 is allowed, keeps off the tensor
// cores; where they are allowed, one on tensor cores goes before all others. Of those, the first that cuDNN's
// heuristics propose: nothing is timed, so every run takes the same engine.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "tern/core/tensor.h"
#include "tern/kernels/conv2d.h"
#include "tern/kernels/cuda/cudnn_convolution.h"
#include "tern/kernels/cuda/cudnn_plan.h"
#include "tern/kernels/precision.h"

namespace tern::kernels::cuda {

/// y = conv2d(x, w), whichever of the three is computed from the other two.
struct ConvolutionProblem {
  ConvolutionPass pass;
  Shape x, w, y;
  DType dtype;  // of all three
  Conv2dParameters parameters;
  FloatPrecision precision;

  using Key = std::array<std::int64_t, 12>;
  /// All that determines the plan, but for the device.
  Key key() const;
  /// What an engine may take for itself: 1 GiB, or half as much again as the three tensors take. It follows
  /// from the sizes alone, not from what is free, so that the choice of an engine does, too.
  std::int64_t max_workspace_bytes() const;
};

class ConvolutionPlan {
 public:
  /// Chooses the engine; nothing if there is none. `op` and the problem are named in errors.
  static std::optional<ConvolutionPlan> find(const char* op, const ConvolutionProblem& problem,
                                             const CudnnTarget& target = {});

  /// The problem and engine(), a line.
  std::string summary() const;
  /// cuDNN's number of the engine, the memory that it takes for itself.
  std::string engine() const;
  std::int64_t workspace_bytes() const { return plan_.workspace_bytes(); }
  bool uses_tensor_cores() const { return uses_tensor_cores_; }

  /// Runs it on tensors of the problem's shapes, on the current device and its stream.
  void execute(const Tensor& x, const Tensor& w, const Tensor& y) const;

 private:
  ConvolutionPlan(std::string description, std::int64_t engine, bool uses_tensor_cores, CudnnPlan plan);

  std::string description_;
  std::int64_t engine_number_;
  bool uses_tensor_cores_;
  CudnnPlan plan_;
};

}  // namespace tern::kernels::cuda
