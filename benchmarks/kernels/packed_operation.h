#pragma once

#include "tern/benchmarks/kernels/convolution_problem.h"

namespace tern::bench {

/// "tern_packed": kernels/packed_ternary_conv2d.h, on any device.
Implementation packed_operation(const ConvolutionProblem& problem, Device device);

}  // namespace tern::bench
