// Measures what the machine can do at most.
#pragma once

#include <string>

#include "tern/benchmarks/support/peak.h"
#include "tern/core/device.h"

namespace tern::bench {

/// On the CPU: the arithmetic of `threads` threads together with the instruction set that Tern's kernels use
/// (`instruction_set`: "avx512", "avx2" or another), and the bandwidth of a copy. int8_dot is the best that
/// the CPU has, unless peers are `held` to that instruction set, too. On a GPU the bandwidth,
/// the rate of a large matrix product of cuBLAS in fp32, and that of int8 tensor cores (int8_products.h).
/// `seconds` for each; the best of several tries counts. With 0 each runs once, on a GPU with a tiny problem.
Peaks probe_peaks(Device device, const std::string& instruction_set, bool held, double seconds);

}  // namespace tern::bench
