#include "tern/kernels/ternary_activation.h"

#include "tern/core/parallel.h"
#include "tern/kernels/common/ternarise.h"
#include "tern/kernels/cpu/ternary_bits.h"

namespace tern::kernels::cpu {
namespace {

constexpr std::int64_t kWordsAtOnce = 1 << 8;

// Up to 64 values and their word of the mask.
template <std::int8_t (*quantise)(float)>
std::int64_t quantise_word(const float* x, std::int64_t count, std::int8_t* y) {
  std::uint8_t passes[64] = {};
  for (std::int64_t j = 0; j < count; ++j) {
    y[j] = quantise(x[j]);
    passes[j] = in_straight_through(x[j]) ? 1 : 0;
  }
  std::uint64_t word = 0;
  for (int j = 0; j < 64; j += 8) word |= low_bits(load_bytes(passes + j, 8)) << j;
  return static_cast<std::int64_t>(word);
}

template <std::int8_t (*quantise)(float)>
void activation(const Tensor& x, Tensor& y, Tensor& mask) {
  const std::int64_t elements = x.numel();
  const float* px = x.data<float>();
  std::int8_t* py = y.data<std::int8_t>();
  std::int64_t* words = mask.data<std::int64_t>();
  parallel_for(0, mask.numel(), kWordsAtOnce, [=](std::int64_t word, std::int64_t last) {
    for (; word < last; ++word) {
      const std::int64_t at = 64 * word;
      words[word] = quantise_word<quantise>(px + at, std::min<std::int64_t>(64, elements - at), py + at);
    }
  });
}

}  // namespace

void ternary_activation(const Tensor& x, Tensor& y, Tensor& mask) {
  activation<ternarise>(x, y, mask);
}

void binary_activation(const Tensor& x, Tensor& y, Tensor& mask) {
  activation<binarise>(x, y, mask);
}

void ternary_activation_backward(const Tensor& dy, const Tensor& mask, Tensor& dx) {
  const std::int64_t elements = dy.numel();
  const float* pdy = dy.data<float>();
  const std::int64_t* words = mask.data<std::int64_t>();
  float* pdx = dx.data<float>();
  parallel_for(0, mask.numel(), kWordsAtOnce, [=](std::int64_t word, std::int64_t last) {
    for (std::int64_t i = 64 * word; i < std::min(64 * last, elements); ++i) {
      pdx[i] = (words[i / 64] >> (i % 64) & 1) != 0 ? pdy[i] : 0.0F;
    }
  });
}

}  // namespace tern::kernels::cpu
