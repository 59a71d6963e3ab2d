#include "tern/models/engine/steps/stem.h"

#include <algorithm>

#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/models/engine/memory.h"
#include "tern/models/engine/norm_terms.h"
#include "tern/models/engine/padded.h"

namespace tern::engine {
namespace {

using floats::kImageChannels;
using graph::Node;

constexpr int kMaxKernel = 7;

const Node* node_at(const graph::Graph& graph, int position) {
  return position < 0 ? nullptr : &graph.nodes[static_cast<std::size_t>(position)];
}

}  // namespace

bool StemStep::can_run(const graph::Graph& graph, const Node& node) {
  const graph::Window& w = node.window;
  const bool square = w.height == w.width && w.stride_height == w.stride_width;
  const bool kernel = (w.stride_width == 1 && w.width <= kMaxKernel) || (w.stride_width == 2 && w.width == 7);
  return node.inputs[0] == 0 && graph.input().output[2] == kImageChannels && square && kernel;
}

StemStep::StemStep(ModelReader& model, const graph::Graph& graph, const Operation& operation,
                   const ActivationMap& result, ArenaLayout& layout, int threads)
    : result_(result), kernels_(floats::kernels_for(packed::kernels().name)) {
  const Node& conv = *node_at(graph, operation.node);
  const Node* pool = node_at(graph, operation.pool);
  const ActivationMap image = map_of(graph.input()), convolved = map_of(conv);
  filter_down_ = down(conv.window, image.height);
  filter_across_ = across(conv.window, image.width);
  pool_down_ = down(pool != nullptr ? pool->window : graph::Window(), convolved.height);
  pool_across_ = across(pool != nullptr ? pool->window : graph::Window(), convolved.width);
  shape_ = {filter_across_.size, filter_across_.stride, convolved.width,
            floats::padded_channels(convolved.channels)};
  weights_ = floats::arrange_weights(shape_, model.convolution_weights(conv).data(), convolved.channels);
  read_terms(model, graph, operation);
  layout_arena(layout, threads);
}

void StemStep::read_terms(ModelReader& model, const graph::Graph& graph, const Operation& operation) {
  NormTerms norm = terms_after(model, *node_at(graph, operation.node), node_at(graph, operation.norm));
  mean_ = padded(std::move(norm.mean), floats::kGroup);
  gain_ = padded(std::move(norm.gain), floats::kGroup);
  beta_ = padded(std::move(norm.beta), floats::kGroup);
  slope_ = padded(slopes(model, node_at(graph, operation.prelu), result_.channels), floats::kGroup);
}

void StemStep::layout_arena(ArenaLayout& layout, int threads) {
  const auto floats = [&](std::ptrdiff_t count) {
    return layout.reserve(static_cast<std::size_t>(count) * sizeof(float));
  };
  zeros_ = floats(shape_.prepared_floats());
  padded_ = floats(threads * padded_floats());
  prepared_ = floats(std::ptrdiff_t{threads} * filter_down_.size * shape_.prepared_floats());
  convolved_ = floats(std::ptrdiff_t{threads} * pool_down_.size * convolved_floats());
}

std::ptrdiff_t StemStep::padded_floats() const {
  constexpr int kReadBeyond = 2;  // by floats::Kernels::prepare
  return std::ptrdiff_t{shape_.input_width()} * kImageChannels + kReadBeyond;
}

std::ptrdiff_t StemStep::convolved_floats() const {
  return std::ptrdiff_t{shape_.computed_width()} * shape_.channels;
}

StemStep::Scratch StemStep::scratch(const Arena& arena, int thread) const {
  return {arena.at<float>(padded_) + thread * padded_floats(),
          arena.at<float>(prepared_) + std::ptrdiff_t{thread} * filter_down_.size * shape_.prepared_floats(),
          arena.at<float>(convolved_) + std::ptrdiff_t{thread} * pool_down_.size * convolved_floats()};
}

void StemStep::run(const Run& run, const Member& member) const {
  const Member::Range rows = member.share_of(result_.height);
  const Scratch scratch = this->scratch(run.arena, member.index);
  float* to = run.floats(result_);
  int convolved = pool_down_.begin(rows.first), prepared = filter_down_.begin(convolved);  // the next ones
  for (int row = rows.first; row < rows.last; ++row) {
    for (; convolved < pool_down_.end(row); ++convolved) {
      for (; prepared < filter_down_.end(convolved); ++prepared) prepare_row(run.image, prepared, scratch);
      convolve_row(run.arena, convolved, scratch,
                   is_result() ? to + row * result_.row_values()
                               : scratch.convolved + convolved % pool_down_.size * convolved_floats());
    }
    if (!is_result()) pool_row(scratch, row, to + row * result_.row_values());
  }
}

void StemStep::prepare_row(const ImageRows& image, int row, const Scratch& scratch) const {
  image.copy(row, scratch.padded + filter_across_.padding * kImageChannels);  // the zeros around it stay
  kernels_.prepare_stem(
      shape_, scratch.padded,
      scratch.prepared + std::ptrdiff_t{row % filter_down_.size} * shape_.prepared_floats());
}

void StemStep::convolve_row(const Arena& arena, int row, const Scratch& scratch, float* to) const {
  const float* rows[kMaxKernel];
  for (int k = 0; k < filter_down_.size; ++k) {
    const int at = filter_down_.first(row) + k;
    rows[k] = at < 0 || at >= filter_down_.extent
                  ? arena.at<float>(zeros_)
                  : scratch.prepared + std::ptrdiff_t{at % filter_down_.size} * shape_.prepared_floats();
  }
  kernels_.stem_row(shape_, rows, weights_.data(), {mean_.data(), gain_.data(), beta_.data(), slope_.data()},
                    to);
}

bool StemStep::is_result() const {
  const bool pooled =
      pool_down_.size > 1 || pool_down_.stride > 1 || pool_across_.size > 1 || pool_across_.stride > 1;
  return !pooled && convolved_floats() == result_.row_values();
}

void StemStep::pool_row(const Scratch& scratch, int row, float* to) const {
  constexpr int kRowsAtOnce = 8;
  const int top = pool_down_.begin(row), bottom = pool_down_.end(row);
  for (int column = 0; column < result_.width; ++column, to += result_.channels) {
    const int left = pool_across_.begin(column), right = pool_across_.end(column);
    for (int r = top; r < bottom; r += kRowsAtOnce) {
      const float* rows[kRowsAtOnce];
      const int count = std::min(kRowsAtOnce, bottom - r);
      for (int i = 0; i < count; ++i) {
        rows[i] = scratch.convolved + (r + i) % pool_down_.size * convolved_floats() +
                  std::ptrdiff_t{left} * shape_.channels;
      }
      kernels_.largest(rows, count, right - left, shape_.channels, result_.channels, r == top, to);
    }
  }
}

}  // namespace tern::engine
