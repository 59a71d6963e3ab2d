#include "models/engine/stem_layers.h"

#include <algorithm>

#include "kernels/cpu/packed/kernels.h"
#include "models/engine/larger.h"
#include "models/engine/padded.h"
#include "models/stem.h"

namespace tern::engine {
namespace {

using stem::kImageChannels;

std::vector<float> oihw_to_ohwi(const std::vector<float>& oihw, std::int64_t filters, std::int64_t area) {
  std::vector<float> ohwi;
  ohwi.reserve(oihw.size());
  for (std::int64_t o = 0; o < filters; ++o) {
    for (std::int64_t k = 0; k < area; ++k) {
      for (std::int64_t i = 0; i < kImageChannels; ++i) {
        ohwi.push_back(oihw[static_cast<std::size_t>((o * kImageChannels + i) * area + k)]);
      }
    }
  }
  return ohwi;
}

}  // namespace

PixelTable pixel_table(const InputSection& input) {
  PixelTable table;
  for (std::size_t c = 0; c < kImageChannels; ++c) {
    const auto mean = static_cast<float>(input.mean[c]), deviation = static_cast<float>(input.std[c]);
    for (std::size_t value = 0; value < 256; ++value) {
      table[c][value] = (static_cast<float>(value) / 255.0F - mean) / deviation;
    }
  }
  return table;
}

StemLayers::StemLayers(ModelReader& model, ArenaLayout& layout, int threads)
    : size_(static_cast<int>(model.config().input_size)),
      channels_(static_cast<int>(model.config().widths.front())),
      row_(stem::row_for(packed::kernels().name)) {
  const Conv2dOptions conv = stem_convolution(model.config());
  const bool has_pool = model.config().stem == Stem::imagenet;
  const kernels::PoolWindow pool = has_pool ? kStemPool : kernels::PoolWindow{1, 1, 0};
  filter_ = {conv.kernel_size, conv.stride, conv.padding};
  pool_ = {static_cast<int>(pool.size), static_cast<int>(pool.stride), static_cast<int>(pool.padding)};
  convolved_size_ = filter_.outputs(size_);
  stream_size_ = pool_.outputs(convolved_size_);
  shape_ = {filter_.size, filter_.stride, size_ + 2 * filter_.padding, convolved_size_,
            stem::padded_channels(channels_)};

  const std::vector<float> oihw =
      model.floats("features.0.weight", {channels_, kImageChannels, filter_.size, filter_.size});
  const std::vector<float> ohwi = oihw_to_ohwi(oihw, channels_, filter_.size * filter_.size);
  weights_ = stem::arrange_weights(ohwi.data(), channels_, filter_.size);
  NormTerms norm = model.batch_norm("features.1", channels_);
  mean_ = padded(std::move(norm.mean), stem::kGroup);
  gain_ = padded(std::move(norm.gain), stem::kGroup);
  beta_ = padded(std::move(norm.beta), stem::kGroup);
  slope_ = padded(model.floats("features.2.weight", {channels_}), stem::kGroup);
  layout_arena(layout, threads);
}

void StemLayers::layout_arena(ArenaLayout& layout, int threads) {
  const auto row_floats = static_cast<std::size_t>(shape_.input_width) * kImageChannels;
  image_ = layout.reserve(row_floats * static_cast<std::size_t>(shape_.input_width) * sizeof(float));
  ring_floats_ =
      static_cast<std::size_t>(pool_.size) * static_cast<std::size_t>(convolved_size_ * shape_.channels);
  rings_ = layout.reserve(static_cast<std::size_t>(threads) * ring_floats_ * sizeof(float));
}

float* StemLayers::padded_row(const Arena& arena, int row) const {
  return arena.at<float>(image_) + static_cast<std::ptrdiff_t>(row) * shape_.input_width * kImageChannels;
}

void StemLayers::pad(const float* image, const Arena& arena, const Member& member) const {
  const Member::Range rows = member.share_of(size_);
  const std::ptrdiff_t values = static_cast<std::ptrdiff_t>(size_) * kImageChannels;
  for (int row = rows.first; row < rows.last; ++row) {
    std::copy_n(image + row * values, values,
                padded_row(arena, row + filter_.padding) + filter_.padding * kImageChannels);
  }
}

void StemLayers::pad(const std::uint8_t* image, const PixelTable& table, const Arena& arena,
                     const Member& member) const {
  const Member::Range rows = member.share_of(size_);
  for (int row = rows.first; row < rows.last; ++row) {
    const std::uint8_t* from = image + static_cast<std::ptrdiff_t>(row) * size_ * kImageChannels;
    float* to = padded_row(arena, row + filter_.padding) + filter_.padding * kImageChannels;
    for (int column = 0; column < size_; ++column, from += kImageChannels, to += kImageChannels) {
      for (std::size_t c = 0; c < kImageChannels; ++c) to[c] = table[c][from[c]];
    }
  }
}

void StemLayers::run(const Arena& arena, const Member& member, float* stream) const {
  const Member::Range rows = member.share_of(stream_size_);
  const stem::Epilogue epilogue{mean_.data(), gain_.data(), beta_.data(), slope_.data()};
  float* ring = arena.at<float>(rings_) + static_cast<std::size_t>(member.index) * ring_floats_;
  const std::ptrdiff_t ring_row = static_cast<std::ptrdiff_t>(convolved_size_) * shape_.channels;
  int next = std::max(0, pool_.first_row(rows.first));  // to be convolved
  for (int row = rows.first; row < rows.last; ++row) {
    const int end = std::min(convolved_size_, pool_.first_row(row) + pool_.size);
    for (; next < end; ++next) {
      row_(shape_, padded_row(arena, next * filter_.stride), weights_.data(), epilogue,
           ring + next % pool_.size * ring_row);
    }
    pool_row(ring, row, stream + static_cast<std::ptrdiff_t>(row) * stream_size_ * channels_);
  }
}

void StemLayers::pool_row(const float* ring, int row, float* to) const {
  const int top = std::max(0, pool_.first_row(row));
  const int bottom = std::min(convolved_size_, pool_.first_row(row) + pool_.size);
  for (int column = 0; column < stream_size_; ++column, to += channels_) {
    const int left = std::max(0, pool_.first_row(column));
    const int right = std::min(convolved_size_, pool_.first_row(column) + pool_.size);
    for (int r = top; r < bottom; ++r) {
      const float* pixels =
          ring + static_cast<std::ptrdiff_t>(r % pool_.size) * convolved_size_ * shape_.channels;
      for (int c = left; c < right; ++c) {
        const float* pixel = pixels + static_cast<std::ptrdiff_t>(c) * shape_.channels;
        r == top&& c == left ? static_cast<void>(std::copy_n(pixel, channels_, to))
                             : take_larger(pixel, channels_, to);
      }
    }
  }
}

}  // namespace tern::engine
