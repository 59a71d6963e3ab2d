// One table per instruction set: null where the program was compiled for other CPUs or runs on one without
// it.
#pragma once

#include "tern/kernels/cpu/packed/kernels.h"

namespace tern::packed {

const Kernels* avx512_kernels();    // AVX-512 F, BW, DQ, VL, VPOPCNTDQ and BITALG
const Kernels* avx512bw_kernels();  // the same without VPOPCNTDQ
const Kernels* avx2_kernels();
const Kernels* neon_kernels();
const Kernels* wasm_kernels();  // WebAssembly's SIMD128
const Kernels* scalar_kernels();

}  // namespace tern::packed
