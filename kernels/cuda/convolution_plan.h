// One convolution problem of f32 or bf16 tensors as cuDNN runs it: the engine chosen for it.
//
// This is cuDNN's graph API by its C interface; the older cudnnConvolution*() calls are deprecated in cuDNN
// 9, and only here does each engine state its numerical notes, from which the guarantees of kernels/conv2d.h
// follow. An engine is taken only if it is deterministic, uses no transform (FFT, Winograd), neither converts
// its inputs to a narrower type nor sums in one, and, for f32 unless TF32 is allowed, keeps off the tensor
// cores. Of those, the first that cuDNN's heuristics propose: nothing is timed, so every run takes the same
// engine.
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
};

class ConvolutionPlan {
 public:
  /// Chooses the engine for the current device; nothing if there is none. `op` and the problem are named in
  /// errors.
  static std::optional<ConvolutionPlan> find(const char* op, const ConvolutionProblem& problem);

  /// Runs it on tensors of the problem's shapes, on the current device and its stream.
  void execute(const Tensor& x, const Tensor& w, const Tensor& y) const;

 private:
  ConvolutionPlan(std::string description, CudnnPlan plan);

  std::string description_;  // for errors
  CudnnPlan plan_;
};

}  // namespace tern::kernels::cuda
