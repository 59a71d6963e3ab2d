#include "tern/kernels/batch_norm_ternary.h"

#include "tern/kernels/add.h"
#include "tern/kernels/common/ternarise.h"
#include "tern/kernels/cpu/normalise.h"
#include "tern/kernels/cpu/ternary_bits.h"

namespace tern::kernels::cpu {
namespace {

constexpr auto kStraightThrough = [](float g, float t) { return in_straight_through(t) ? g : 0.0F; };

}  // namespace

void batch_norm_ternary(const Tensor& x, const BatchNormTerms& terms, TernaryActivations& y,
                        std::int32_t* non_finite) {
  const std::int64_t channels = x.dim(-1);
  std::int8_t* values = y.values.data<std::int8_t>();
  const auto normalise = [&](const auto& after_tile) {
    *non_finite = !visit_float_type(x.dtype(), [&](auto element) {
      return normalise_forward<decltype(element)>(
          x, terms, [](float t) { return ternarise(t); }, values, after_tile);
    });
  };
  if (!y.packed.defined()) return normalise([](std::int64_t, std::int64_t) {});
  std::uint64_t* words = y.packed.words();
  const std::int64_t row_words = 2 * y.packed.row_pairs();
  const auto pack_tile = [=](std::int64_t at, std::int64_t length) {
    std::uint64_t* row = words + at / channels * row_words;
    for (std::int64_t i = at; i < at + length; i += channels, row += row_words)
      pack_row(values + i, channels, row);
  };
  normalise(pack_tile);
}

void batch_norm_ternary_backward_sums(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                                      const BatchStatistics& statistics, BatchNormGradients& gradients,
                                      Tensor& means) {
  const ChannelTile tile(x);
  const TiledTerms tiled(tile, terms);
  const std::vector<double> sums = visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    return normalise_backward_sums(tile, tiled, dy.data<Element>(), x.data<Element>(), kStraightThrough);
  });
  store_sums(sums, gradients);
  const std::vector<float> of_batch =
      gradient_means(sums, x.numel() / tile.channels(), statistics, gradients);
  means = Tensor::from<float>({2, tile.channels()}, of_batch);
}

void batch_norm_ternary_backward_apply(const BatchNormTernaryDx& of, Tensor& dx) {
  const ChannelTile tile(of.x);
  const TiledTerms tiled(tile, of.terms);
  visit_float_type(dx.dtype(), [&](auto element) {
    using Element = decltype(element);
    normalise_backward_apply(tile, tiled, of.dy.data<Element>(), of.x.data<Element>(),
                             of.means.to_vector<float>(), kStraightThrough, dx.data<Element>());
  });
  if (of.addend.defined()) add(dx, of.addend, dx);
}

}  // namespace tern::kernels::cpu
