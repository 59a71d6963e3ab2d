#include "tern/kernels/pack_ternary.h"

#include "tern/core/parallel.h"
#include "tern/kernels/cpu/ternary_bits.h"

namespace tern::kernels::cpu {
namespace {

constexpr std::int64_t kGrain = 1 << 10;  // rows

template <class T>
void unpack_rows(const PackedTernary& x, T* y) {
  const std::int64_t channels = x.channels(), row_words = 2 * x.row_pairs();
  const std::uint64_t* words = x.words();
  parallel_for(0, x.rows(), kGrain, [=](std::int64_t row, std::int64_t last) {
    for (; row < last; ++row) unpack_row(words + row * row_words, channels, y + row * channels);
  });
}

}  // namespace

void pack_ternary(const Tensor& x, PackedTernary& packed) {
  const std::int64_t channels = packed.channels(), row_words = 2 * packed.row_pairs();
  const std::int8_t* px = x.data<std::int8_t>();
  std::uint64_t* words = packed.words();
  parallel_for(0, packed.rows(), kGrain, [=](std::int64_t row, std::int64_t last) {
    for (; row < last; ++row) pack_row(px + row * channels, channels, words + row * row_words);
  });
}

void unpack_ternary(const PackedTernary& x, Tensor& y) {
  if (y.dtype() == DType::f32) {
    unpack_rows(x, y.data<float>());
  } else {
    unpack_rows(x, y.data<std::int8_t>());
  }
}

}  // namespace tern::kernels::cpu
