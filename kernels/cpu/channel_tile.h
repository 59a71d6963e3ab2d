// Loops over (rows, channels) with one parameter or one sum per channel.
//
// With few channels an inner loop over them is too short to vectorise well. So several rows are taken as one
// tile of at least kTileWidth elements, and per-channel parameters are repeated to that width: the inner loop
// then runs over contiguous elements and contiguous parameters.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "tern/core/parallel.h"
#include "tern/core/tensor.h"

namespace tern::kernels::cpu {

class ChannelTile {
 public:
  explicit ChannelTile(const Tensor& x) : ChannelTile(x.numel(), x.dim(-1)) {}
  ChannelTile(std::int64_t elements, std::int64_t channels)
      : elements_(elements),
        channels_(channels),
        width_(channels == 0 ? 0 : (kTileWidth + channels - 1) / channels * channels) {}

  std::int64_t channels() const { return channels_; }
  std::int64_t width() const { return width_; }
  /// Number of tiles; the last may be shorter than width().
  std::int64_t count() const { return width_ == 0 ? 0 : (elements_ + width_ - 1) / width_; }
  std::int64_t begin(std::int64_t tile) const { return tile * width_; }
  std::int64_t length(std::int64_t tile) const { return std::min(width_, elements_ - begin(tile)); }

  /// One value per channel, repeated over the tile.
  template <class PerChannel>  // float(std::int64_t channel)
  std::vector<float> repeat(const PerChannel& value) const {
    std::vector<float> tile(static_cast<std::size_t>(width_));
    for (std::int64_t j = 0; j < width_; ++j) tile[static_cast<std::size_t>(j)] = value(j % channels_);
    return tile;
  }
  std::vector<float> repeat(const Tensor& per_channel) const {
    const float* values = per_channel.data<float>();
    return repeat([values](std::int64_t c) { return values[c]; });
  }

  /// The same, or `neutral` everywhere if the tensor is undefined.
  std::vector<float> repeat(const Tensor& per_channel, float neutral) const {
    return per_channel.defined() ? repeat(per_channel)
                                 : std::vector<float>(static_cast<std::size_t>(width_), neutral);
  }

 private:
  static constexpr std::int64_t kTileWidth = 256;

  std::int64_t elements_;
  std::int64_t channels_;
  std::int64_t width_;
};

/// Calls body(offset, length) for every tile, in parallel: element offset + j has the parameter j of a
/// repeated vector.
template <class Body>
void for_each_tile(const ChannelTile& tile, const Body& body) {
  parallel_for(0, tile.count(), 64, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t t = first; t < last; ++t) body(tile.begin(t), tile.length(t));
  });
}

/// Sums K quantities per channel: body(offset, length, sums) adds to sums[k][j] what element offset + j
/// contributes. The lanes sums[k] are of type Lane over a few tiles, then go to Total; the partition depends
/// on the size alone, so the result does not depend on the number of threads. Returns K * channels totals,
/// quantity by quantity.
template <int K, class Lane = float, class Total = double, class Body>
std::vector<Total> reduce_channels(const ChannelTile& tile, const Body& body) {
  constexpr std::int64_t kTilesPerFlush = 16;
  const Chunks chunks(tile.count(), kTilesPerFlush);
  const auto size = static_cast<std::size_t>(K * tile.channels());
  std::vector<Total> partial(static_cast<std::size_t>(chunks.count()) * size, Total{0});
  parallel_for(0, chunks.count(), 1, [&](std::int64_t first, std::int64_t last) {
    std::vector<Lane> lanes(static_cast<std::size_t>(K * tile.width()), Lane{0});
    std::array<Lane*, K> sums;
    for (int k = 0; k < K; ++k) sums[static_cast<std::size_t>(k)] = lanes.data() + k * tile.width();
    const auto flush = [&](Total* totals) {
      for (int k = 0; k < K; ++k) {
        Total* __restrict total = totals + k * tile.channels();
        for (std::int64_t row = 0; row < tile.width(); row += tile.channels()) {
          const Lane* __restrict lane = sums[static_cast<std::size_t>(k)] + row;
          for (std::int64_t c = 0; c < tile.channels(); ++c) total[c] += lane[c];
        }
      }
      std::fill(lanes.begin(), lanes.end(), Lane{0});
    };
    for (std::int64_t chunk = first; chunk < last; ++chunk) {
      Total* totals = partial.data() + static_cast<std::size_t>(chunk) * size;
      for (std::int64_t t = chunks.begin(chunk); t < chunks.end(chunk); ++t) {
        body(tile.begin(t), tile.length(t), sums);
        if ((t - chunks.begin(chunk)) % kTilesPerFlush == kTilesPerFlush - 1) flush(totals);
      }
      flush(totals);
    }
  });
  for (std::int64_t chunk = 1; chunk < chunks.count(); ++chunk) {
    for (std::size_t i = 0; i < size; ++i) partial[i] += partial[static_cast<std::size_t>(chunk) * size + i];
  }
  partial.resize(size);
  return partial;
}

}  // namespace tern::kernels::cpu
