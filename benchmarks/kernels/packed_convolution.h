// Tern's convolution on the CPU, by the table that kernels/cpu/packed has chosen.
#pragma once

#include "tern/benchmarks/kernels/convolution_problem.h"

namespace tern::bench {

/// "tern": packed activations and weights in, i16 sums out.
Implementation packed_convolution(const ConvolutionProblem& problem);

/// "tern_fused": what a layer of a merged network does in one pass: scale, batch norm, shortcut added, PReLU,
/// the float stream stored; and the next layer's batch norm, ternarisation and packing. Equal to the separate
/// operations to the bit.
Implementation packed_fused_convolution(const ConvolutionProblem& problem);

}  // namespace tern::bench
