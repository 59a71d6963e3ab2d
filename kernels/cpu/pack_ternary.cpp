#include "tern/kernels/pack_ternary.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "tern/core/bfloat16.h"
#include "tern/core/parallel.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cpu/ternary_bits.h"

namespace tern::kernels::cpu {
namespace {

constexpr std::int64_t kRowsAtOnce = 1 << 10;

/// A ternary value as a T. The bits of a bf16 are put together, which keeps the lanes of a loop narrow.
template <class T>
T from_ternary(std::int8_t value) {
  if constexpr (std::is_same_v<T, bfloat16>) {
    constexpr std::uint16_t kOne = 0x3f80;
    const auto bits = static_cast<std::uint8_t>(value);
    return {static_cast<std::uint16_t>((bits & 0x80U) << 8 | (bits & 1U) * kOne)};
  } else {
    return static_cast<T>(value);
  }
}

// Several rows at a time by way of bytes, which stay in the first cache: their conversion is one loop,
// however few channels a row has.
template <class T>
void unpack_rows(const PackedTernary& x, T* y) {
  constexpr std::int64_t kBlockElements = 4096, kOverrun = 8;
  const std::int64_t channels = x.channels(), row_words = 2 * x.row_pairs();
  const std::int64_t block_rows =
      std::max<std::int64_t>(1, kBlockElements / std::max<std::int64_t>(channels, 1));
  const std::uint64_t* words = x.words();
  parallel_for(0, x.rows(), kRowsAtOnce, [=](std::int64_t first, std::int64_t last) {
    std::vector<std::int8_t> bytes(static_cast<std::size_t>(block_rows * channels + kOverrun));
    for (std::int64_t row = first; row < last; row += block_rows) {
      const std::int64_t rows = std::min(block_rows, last - row);
      for (std::int64_t r = 0; r < rows; ++r) {
        unpack_row(words + (row + r) * row_words, channels, bytes.data() + r * channels);
      }
      const std::int8_t* __restrict from = bytes.data();
      T* __restrict to = y + row * channels;
#pragma omp simd
      for (std::int64_t j = 0; j < rows * channels; ++j) to[j] = from_ternary<T>(from[j]);
    }
  });
}

}  // namespace

void pack_ternary(const Tensor& x, PackedTernary& packed) {
  const std::int64_t channels = packed.channels(), row_words = 2 * packed.row_pairs();
  const std::int8_t* px = x.data<std::int8_t>();
  std::uint64_t* words = packed.words();
  parallel_for(0, packed.rows(), kRowsAtOnce, [=](std::int64_t row, std::int64_t last) {
    for (; row < last; ++row) pack_row(px + row * channels, channels, words + row * row_words);
  });
}

void unpack_ternary(const PackedTernary& x, Tensor& y) {
  visit_castable(y, [&](auto* values) { unpack_rows(x, values); });
}

}  // namespace tern::kernels::cpu
