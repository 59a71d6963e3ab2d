// Loops that keep the arithmetic units of one core busy with registers alone, one set per instruction set.
#pragma once

#include <cstdint>

namespace tern::bench {

/// Runs `steps` steps and returns the multiply-accumulates of all of them.
using PeakLoop = double (*)(std::int64_t steps);

struct PeakLoops {
  const char* name;  ///< "avx512", "avx512bw", "avx2", "portable"
  PeakLoop fp32_fma;
  PeakLoop int8_dot;
  PeakLoop bit_planes;
  PeakLoop ternary;
};

#if defined(__x86_64__)
/// By the dot products of AVX-VNNI.
double avx_vnni_int8_dot(std::int64_t steps);
const PeakLoops& avx512_peak_loops();
const PeakLoops& avx512bw_peak_loops();
const PeakLoops& avx2_peak_loops();
#endif
/// Whatever the compiler makes of plain C++.
const PeakLoops& portable_peak_loops();

/// The set with the name, or the portable one.
const PeakLoops& peak_loops(const char* instruction_set);

/// The fastest loop of int8_dot that this CPU has, `set`'s if none is faster.
PeakLoop fastest_int8_dot(const PeakLoops& set);

}  // namespace tern::bench
