// cuDNN's convolutions of bytes by int8 tensor cores: Tern's peer on a GPU. In builds with cuDNN.
#pragma once

#include "tern/benchmarks/kernels/convolution_problem.h"

namespace tern::bench {

/// What leaves cuDNN of the 32-bit sums.
enum class CudnnOutput : std::uint8_t {
  exact,      ///< i32, or f32, which holds them as exactly
  saturated,  ///< i8 in [-128, 127], what int8 networks take: a quarter of the bytes
};

/// The fastest plan for the problem among those that cuDNN's heuristics propose first. Throws DeviceError if
/// cuDNN has none, or none that is right.
Implementation cudnn_int8(const std::string& name, CudnnOutput output, const ConvolutionProblem& problem,
                          Device device);

}  // namespace tern::bench
