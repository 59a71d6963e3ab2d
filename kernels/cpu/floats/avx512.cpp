#if defined(__x86_64__)
#define TERN_FLOATS_TARGET __attribute__((target("avx512f")))
#include "tern/kernels/cpu/floats/avx512_floats.h"
#include "tern/kernels/cpu/floats/largest.h"
#include "tern/kernels/cpu/floats/row.h"
#include "tern/kernels/cpu/floats/window_sums.h"

namespace tern::floats {

const Kernels& avx512_kernels() {
  static const Kernels kTable{StemRows<Avx512>::kKernels, avx2_kernels().int16_stem, &windows<Avx512>,
                              &largest<Avx512>};
  return kTable;
}

}  // namespace tern::floats
#endif
