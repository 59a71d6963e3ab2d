#include "tern/kernels/cpu/packed/targets.h"

#ifdef __wasm_simd128__

#include <wasm_simd128.h>

#include "tern/kernels/cpu/packed/byte_counter.h"

namespace tern::packed {
namespace {

struct Wasm : ByteCountedConvolution<Wasm> {
  static constexpr int kPixels = 2;

  static HalfWords select(HalfWords mask, HalfWords a, HalfWords b) {
    return (HalfWords)wasm_v128_bitselect((v128_t)a, (v128_t)b, (v128_t)mask);
  }
  static HalfBytes popcount(HalfWords words) { return (HalfBytes)wasm_i8x16_popcnt((v128_t)words); }
  static HalfWords sum_bytes(HalfBytes bytes) {
    const auto quarters =
        (HalfWords)wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16((v128_t)bytes));
    return (quarters & 0xffffffff) + (quarters >> 32);
  }

  static unsigned at_least(const Floats<kLanes>& y, const Floats<kLanes>& x) {
    const Ints<kLanes> reached = y >= x;
    v128_t halves[2];
    std::memcpy(halves, &reached, sizeof halves);
    return wasm_i32x4_bitmask(halves[0]) | wasm_i32x4_bitmask(halves[1]) << 4;
  }
};

constexpr Kernels kTable = make_kernels<Wasm>("wasm");

}  // namespace
}  // namespace tern::packed

#endif

namespace tern::packed {

const Kernels* wasm_kernels() {
#ifdef __wasm_simd128__
  return &kTable;
#else
  return nullptr;
#endif
}

}  // namespace tern::packed
