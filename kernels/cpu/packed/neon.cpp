#include "tern/kernels/cpu/packed/targets.h"

#ifdef __aarch64__

#include <arm_neon.h>

#include "tern/kernels/cpu/packed/byte_counter.h"

namespace tern::packed {
namespace {

struct Neon : ByteCountedConvolution<Neon> {
  static constexpr int kPixels = 2;

  static HalfWords select(HalfWords mask, HalfWords a, HalfWords b) {
    return (HalfWords)vbslq_u64((uint64x2_t)mask, (uint64x2_t)a, (uint64x2_t)b);
  }
  static HalfBytes popcount(HalfWords words) { return (HalfBytes)vcntq_u8((uint8x16_t)words); }
  static HalfWords sum_bytes(HalfBytes bytes) {
    return (HalfWords)vpaddlq_u32(vpaddlq_u16(vpaddlq_u8((uint8x16_t)bytes)));
  }

  static unsigned at_least(const Floats<kLanes>& y, const Floats<kLanes>& x) {
    const std::uint32_t bits[kLanes] = {1, 2, 4, 8, 16, 32, 64, 128};
    float a[kLanes], b[kLanes];
    std::memcpy(a, &y, sizeof a);
    std::memcpy(b, &x, sizeof b);
    const uint32x4_t low = vandq_u32(vcgeq_f32(vld1q_f32(a), vld1q_f32(b)), vld1q_u32(bits));
    const uint32x4_t high = vandq_u32(vcgeq_f32(vld1q_f32(a + 4), vld1q_f32(b + 4)), vld1q_u32(bits + 4));
    return vaddvq_u32(vorrq_u32(low, high));
  }
};

constexpr Kernels kTable = make_kernels<Neon>("neon");

}  // namespace
}  // namespace tern::packed

#endif

namespace tern::packed {

const Kernels* neon_kernels() {
#ifdef __aarch64__
  return &kTable;
#else
  return nullptr;
#endif
}

}  // namespace tern::packed
