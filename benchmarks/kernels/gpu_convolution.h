// The same convolutions on a GPU.
#pragma once

#include "tern/benchmarks/kernels/convolution_problem.h"

namespace tern::bench {

/// "tern" (int8 tensor cores) and "tern_packed" (two bits a value); on a real GPU also "cudnn_fp32",
/// "cudnn_tf32" and "cudnn_bf16", the ternary values as floats by the engines that Tern takes for float
/// convolutions (kernels/cuda/convolution_plan.h), and "cudnn_int8" and "cudnn_int8_saturated"
/// (cudnn_int8_convolution.h). What cuDNN refuses is skipped. An emulated GPU has no cuDNN.
std::vector<Implementation> gpu_convolutions(const ConvolutionProblem& problem, Device device);

}  // namespace tern::bench
