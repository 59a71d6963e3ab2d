#include "tern/kernels/cpu/packed/targets.h"

#ifdef __aarch64__

#include <arm_neon.h>

#include "tern/kernels/cpu/packed/convolve.h"
#include "tern/kernels/cpu/packed/table.h"

namespace tern::packed {
namespace {

struct Neon : CountedConvolution<Neon> {
  static constexpr int kPixels = 2, kBlocks = 1, kDrain = 31;  // 31 * 8 bits still fit a byte

  template <int kBlockCount>
  struct Weights {
    uint64x2_t sign[4], mask[4];
    Weights(const std::uint64_t* words, std::ptrdiff_t /*block_words*/) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) sign[i] = vld1q_u64(words + 2 * i);
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) mask[i] = vld1q_u64(words + kLanes + 2 * i);
    }
  };

  /// As that of avx512.cpp, two filters a vector.
  template <int kBlockCount>
  class Counter {
   public:
    void add(const Weights<kBlockCount>& w, const std::uint64_t* x) {
      const uint64x2_t x_sign = vdupq_n_u64(x[0]), x_mask = vdupq_n_u64(x[1]);
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        const uint64x2_t differ = veorq_u64(w.sign[i], x_sign), both = vandq_u64(w.mask[i], x_mask);
        const uint64x2_t carry = vbslq_u64(both, differ, ones_[i]);
        ones_[i] = veorq_u64(ones_[i], veorq_u64(both, vdupq_n_u64(~std::uint64_t{0})));
        bytes_[i] = vaddq_u8(bytes_[i], vcntq_u8(vreinterpretq_u8_u64(carry)));
      }
    }
    void drain() {
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        carries_[i] = vaddq_u64(carries_[i], sum_bytes(bytes_[i]));
        bytes_[i] = vdupq_n_u8(0);
      }
    }
    Ints<kLanes> total(int pairs) {
      drain();
      std::int32_t sums[kLanes];
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        const uint64x2_t sum =
            vaddq_u64(vshlq_n_u64(carries_[i], 1), sum_bytes(vcntq_u8(vreinterpretq_u8_u64(ones_[i]))));
        const uint64x2_t positions = vdupq_n_u64(std::uint64_t{kWordChannels} * static_cast<unsigned>(pairs));
        vst1_s32(sums + 2 * i, vmovn_s64(vreinterpretq_s64_u64(vsubq_u64(positions, sum))));
      }
      return load<Ints<kLanes>>(sums);
    }

   private:
    static uint64x2_t sum_bytes(uint8x16_t bytes) {
      return vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(bytes)));
    }

    uint64x2_t ones_[4] = {}, carries_[4] = {};
    uint8x16_t bytes_[4] = {};
  };

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
