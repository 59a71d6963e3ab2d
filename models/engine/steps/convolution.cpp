#include "tern/models/engine/steps/convolution.h"

#include <algorithm>
#include <string_view>

#include "tern/kernels/cpu/packed/kernels.h"

namespace tern::engine {
namespace {

using Row = ConvolutionStep::Row;

// Filters whose sums stay in registers. The last group is filled up with zeros.
constexpr int kGroup = 32;

#define TERN_INLINE __attribute__((always_inline)) inline

/// The sums of one group of filters at one pixel.
TERN_INLINE void sum_window(const Row& r, const float* group, int column, float (&sums)[kGroup]) {
  for (float& sum : sums) sum = 0;
  const int channels = r.x_map->channels, left = r.across->first(column), top = r.down->first(r.row);
  const int begin = r.across->begin(column), count = (r.across->end(column) - begin) * channels;
  for (int h = r.down->begin(r.row); h < r.down->end(r.row); ++h) {
    const float* x = r.x + h * r.x_map->row_values() + std::ptrdiff_t{begin} * channels;
    const std::ptrdiff_t tap = std::ptrdiff_t{h - top} * r.across->size + begin - left;
    const float* w = group + tap * channels * kGroup;
    for (int i = 0; i < count; ++i, w += kGroup) {
      const float value = x[i];
#pragma GCC unroll 32
      for (int o = 0; o < kGroup; ++o) sums[o] += w[o] * value;
    }
  }
}

TERN_INLINE void convolve_row(const Row& r) {
  const int filters = r.result_map->channels;
  const std::ptrdiff_t group_floats =
      std::ptrdiff_t{r.down->size} * r.across->size * r.x_map->channels * kGroup;
  const float* group = r.weights;
  for (int first = 0; first < filters; first += kGroup, group += group_floats) {
    const int count = std::min(kGroup, filters - first);
    float* y = r.y + first;
    for (int column = 0; column < r.result_map->width; ++column, y += filters) {
      float sums[kGroup];
      sum_window(r, group, column, sums);
      for (int o = 0; o < count; ++o) y[o] = sums[o] + r.bias[first + o];
    }
  }
}

void row_portable(const Row& row) {
  convolve_row(row);
}
#if defined(__x86_64__)
__attribute__((target("avx2"))) void row_avx2(const Row& row) {
  convolve_row(row);
}
__attribute__((target("avx512f"))) void row_avx512(const Row& row) {
  convolve_row(row);
}
#endif

ConvolutionStep::RowFunction row_function() {
#if defined(__x86_64__)
  const std::string_view name = packed::kernels().name;
  if (name == "avx512") return row_avx512;
  if (name == "avx2") return row_avx2;
#endif
  return row_portable;
}

}  // namespace

ConvolutionStep::ConvolutionStep(ModelReader& model, const graph::Node& node, const ActivationMap& x,
                                 const ActivationMap& result)
    : down_(down(node.window, x.height)),
      across_(across(node.window, x.width)),
      x_(x),
      result_(result),
      row_(row_function()) {
  const std::vector<float> ohwi = model.convolution_weights(node);
  const auto filters = static_cast<std::size_t>(result.channels), taps = ohwi.size() / filters;
  constexpr std::size_t kWide = kGroup;
  weights_.resize((filters + kWide - 1) / kWide * kWide * taps);
  for (std::size_t o = 0; o < filters; ++o) {
    float* group = weights_.data() + o / kWide * kWide * taps + o % kWide;
    for (std::size_t k = 0; k < taps; ++k) group[k * kWide] = ohwi[o * taps + k];
  }
  bias_ = node.find("bias") != nullptr ? model.floats(node, "bias") : std::vector<float>(filters, -0.0F);
}

void ConvolutionStep::run(const Run& run, const Member& member) const {
  const Member::Range rows = member.share_of(result_.height);
  for (int row = rows.first; row < rows.last; ++row) {
    row_({&down_, &across_, &x_, &result_, run.floats(x_), weights_.data(), bias_.data(), row,
          run.floats(result_) + row * result_.row_values()});
  }
}

}  // namespace tern::engine
