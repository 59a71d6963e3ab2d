// The peers on the CPU: the same convolution by oneDNN, in the layouts that it likes best, to and from which
// nothing is converted while the clock runs.
#pragma once

#include "tern/benchmarks/kernels/convolution_problem.h"

namespace tern::bench {

/// "onednn_fp32": the ternary values as floats.
Implementation onednn_fp32(const ConvolutionProblem& problem);

/// "onednn_int8": u8 activations (0, 1, 2 for -1, 0, +1), s8 weights, s32 results.
Implementation onednn_int8(const ConvolutionProblem& problem);

/// "onednn_int8_fused": what an int8 ResNet does in one pass: scale, shortcut added, ReLU, rounded to u8.
Implementation onednn_int8_fused(const ConvolutionProblem& problem);

/// Keeps oneDNN from using more than the instruction set `wanted` of Tern's kernels, where that is less than
/// what the CPU may have ("avx512bw": to AVX-512 with VNNI; "avx2"; any other leaves it alone). True if that
/// leaves it without dot products of bytes (VNNI). To be called before oneDNN is used.
bool hold_onednn(const std::string& wanted);

}  // namespace tern::bench
