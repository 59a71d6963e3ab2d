// The counter of products on vectors of 128 bits that count the bits of each byte: two filters a vector, with
// the carry-save step of docs/packed_cpu.md.
//
// Such a `Simd` has, beside what table.h wants,
//   kPixels              pixels of a tile
//   select(mask, a, b)   a where the mask is set, else b, bit by bit
//   popcount(words)      of each byte
//   sum_bytes(bytes)     of each half
#pragma once

#include "tern/kernels/cpu/packed/convolve.h"
#include "tern/kernels/cpu/packed/table.h"

namespace tern::packed {
namespace {

using HalfWords = typename VectorOf<std::uint64_t, 2>::Type;
using HalfBytes = typename VectorOf<std::uint8_t, 16>::Type;

template <class Simd>
struct ByteCountedConvolution : CountedConvolution<Simd> {
  static constexpr int kBlocks = 1, kDrain = 31;  // 31 * 8 bits still fit a byte
  static constexpr int kVectors = kLanes / 2;

  template <int kBlockCount>
  struct Weights {
    Weights(const std::uint64_t* words, std::ptrdiff_t /*block_words*/) {
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) sign[i] = load<HalfWords>(words + 2 * i);
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) mask[i] = load<HalfWords>(words + kLanes + 2 * i);
    }
    HalfWords sign[kVectors], mask[kVectors];
  };

  template <int kBlockCount>
  class Counter {
   public:
    void add(const Weights<kBlockCount>& w, const std::uint64_t* x) {
      const HalfWords x_sign = {x[0], x[0]}, x_mask = {x[1], x[1]};
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) {
        const HalfWords differ = w.sign[i] ^ x_sign, both = w.mask[i] & x_mask;
        const HalfWords carry = Simd::select(both, differ, ones_[i]);
        ones_[i] = ~(ones_[i] ^ both);
        bytes_[i] += Simd::popcount(carry);
      }
    }
    void drain() {
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) {
        carries_[i] += Simd::sum_bytes(bytes_[i]);
        bytes_[i] = HalfBytes{};
      }
    }
    Ints<kLanes> total(int pairs) {
      drain();
      std::int32_t sums[kLanes];
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) {
        const HalfWords sum = carries_[i] + carries_[i] + Simd::sum_bytes(Simd::popcount(ones_[i]));
        for (int half = 0; half < 2; ++half) {
          sums[2 * i + half] = kWordChannels * pairs - static_cast<std::int32_t>(sum[half]);
        }
      }
      return load<Ints<kLanes>>(sums);
    }

   private:
    HalfWords ones_[kVectors] = {}, carries_[kVectors] = {};
    HalfBytes bytes_[kVectors] = {};
  };
};

}  // namespace
}  // namespace tern::packed
