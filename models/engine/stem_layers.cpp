#include "tern/models/engine/stem_layers.h"

#include <algorithm>

#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/models/engine/larger.h"
#include "tern/models/engine/padded.h"
#include "tern/models/stem.h"

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

StemLayers::StemLayers(ModelReader& model, ArenaLayout& layout, int threads)
    : size_(static_cast<int>(model.config().input_size)),
      channels_(static_cast<int>(model.config().widths.front())),
      kernels_(stem::kernels_for(packed::kernels().name)) {
  const Conv2dOptions conv = stem_convolution(model.config());
  const bool has_pool = model.config().stem == Stem::imagenet;
  const kernels::PoolWindow pool = has_pool ? kStemPool : kernels::PoolWindow{1, 1, 0};
  filter_ = {conv.kernel_size, conv.stride, conv.padding};
  pool_ = {static_cast<int>(pool.size), static_cast<int>(pool.stride), static_cast<int>(pool.padding)};
  convolved_size_ = filter_.outputs(size_);
  stream_size_ = pool_.outputs(convolved_size_);
  shape_ = {filter_.size, filter_.stride, convolved_size_, stem::padded_channels(channels_)};

  const std::vector<float> oihw =
      model.floats("features.0.weight", {channels_, kImageChannels, filter_.size, filter_.size});
  const std::vector<float> ohwi = oihw_to_ohwi(oihw, channels_, filter_.size * filter_.size);
  weights_ = stem::arrange_weights(shape_, ohwi.data(), channels_);
  NormTerms norm = model.batch_norm("features.1", channels_);
  mean_ = padded(std::move(norm.mean), stem::kGroup);
  gain_ = padded(std::move(norm.gain), stem::kGroup);
  beta_ = padded(std::move(norm.beta), stem::kGroup);
  slope_ = padded(model.floats("features.2.weight", {channels_}), stem::kGroup);
  layout_arena(layout, threads);
}

void StemLayers::layout_arena(ArenaLayout& layout, int threads) {
  const auto floats = [&](std::ptrdiff_t count) {
    return layout.reserve(static_cast<std::size_t>(count) * sizeof(float));
  };
  zeros_ = floats(shape_.prepared_floats());
  padded_ = floats(threads * padded_floats());
  prepared_ = floats(std::ptrdiff_t{threads} * filter_.size * shape_.prepared_floats());
  convolved_ = floats(std::ptrdiff_t{threads} * pool_.size * convolved_floats());
  columns_ = floats(threads * convolved_floats());
}

std::ptrdiff_t StemLayers::padded_floats() const {
  constexpr int kReadBeyond = 2;  // by stem::Kernels::prepare
  return std::ptrdiff_t{shape_.input_width()} * kImageChannels + kReadBeyond;
}

std::ptrdiff_t StemLayers::convolved_floats() const {
  return std::ptrdiff_t{shape_.computed_width()} * shape_.channels;
}

StemLayers::Scratch StemLayers::scratch(const Arena& arena, int thread) const {
  return {arena.at<float>(padded_) + thread * padded_floats(),
          arena.at<float>(prepared_) + std::ptrdiff_t{thread} * filter_.size * shape_.prepared_floats(),
          arena.at<float>(convolved_) + std::ptrdiff_t{thread} * pool_.size * convolved_floats(),
          arena.at<float>(columns_) + thread * convolved_floats()};
}

void StemLayers::run(const ImageRows& image, const Arena& arena, const Member& member, float* stream) const {
  const Member::Range rows = member.share_of(stream_size_);
  const Scratch scratch = this->scratch(arena, member.index);
  int convolved = pool_.begin(rows.first), prepared = filter_.begin(convolved);  // the next ones
  for (int row = rows.first; row < rows.last; ++row) {
    for (; convolved < pool_.end(row, convolved_size_); ++convolved) {
      for (; prepared < filter_.end(convolved, size_); ++prepared) prepare_row(image, prepared, scratch);
      convolve_row(arena, convolved, scratch);
    }
    pool_row(scratch, row, stream + std::ptrdiff_t{row} * stream_size_ * channels_);
  }
}

void StemLayers::prepare_row(const ImageRows& image, int row, const Scratch& scratch) const {
  image.copy(row, scratch.padded + filter_.padding * kImageChannels);  // the zeros around it stay
  kernels_.prepare(shape_, scratch.padded,
                   scratch.prepared + std::ptrdiff_t{row % filter_.size} * shape_.prepared_floats());
}

void StemLayers::convolve_row(const Arena& arena, int row, const Scratch& scratch) const {
  constexpr int kMaxKernel = 7;
  const float* rows[kMaxKernel];
  for (int k = 0; k < filter_.size; ++k) {
    const int at = filter_.first(row) + k;
    rows[k] = at < 0 || at >= size_
                  ? arena.at<float>(zeros_)
                  : scratch.prepared + std::ptrdiff_t{at % filter_.size} * shape_.prepared_floats();
  }
  kernels_.row(shape_, rows, weights_.data(), {mean_.data(), gain_.data(), beta_.data(), slope_.data()},
               scratch.convolved + row % pool_.size * convolved_floats());
}

void StemLayers::pool_row(const Scratch& scratch, int row, float* to) const {
  // The largest of each column first: a long loop over whole rows.
  const auto convolved = [&](int r) { return scratch.convolved + r % pool_.size * convolved_floats(); };
  const int top = pool_.begin(row), bottom = pool_.end(row, convolved_size_);
  std::copy_n(convolved(top), convolved_floats(), scratch.columns);
  for (int r = top + 1; r < bottom; ++r) {
    take_larger(convolved(r), static_cast<int>(convolved_floats()), scratch.columns);
  }
  for (int column = 0; column < stream_size_; ++column, to += channels_) {
    const float* pixel = scratch.columns + std::ptrdiff_t{pool_.begin(column)} * shape_.channels;
    std::copy_n(pixel, channels_, to);
    for (int c = pool_.begin(column) + 1; c < pool_.end(column, convolved_size_); ++c) {
      take_larger(pixel += shape_.channels, channels_, to);
    }
  }
}

}  // namespace tern::engine
