#include "tern/models/engine/steps/stem.h"

#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/models/engine/memory.h"
#include "tern/models/engine/norm_terms.h"
#include "tern/models/engine/padded.h"
#include "tern/models/engine/steps/int16_stem.h"
#include "tern/models/engine/steps/pools.h"

namespace tern::engine {
namespace {

using floats::kImageChannels;
using graph::Node;

constexpr int kMaxKernel = StemFilter<float>::kMaxKernel;

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
  make_filters(model, graph, operation, layout, threads);
  convolved_ = layout.reserve(static_cast<std::size_t>(threads * pool_down_.size * convolved_floats()) *
                              sizeof(float));
}

void StemStep::make_filters(ModelReader& model, const graph::Graph& graph, const Operation& operation,
                            ArenaLayout& layout, int threads) {
  const Node& conv = *node_at(graph, operation.node);
  const std::vector<float> weights = model.convolution_weights(conv);
  const NormTerms norm = terms_after(model, conv, node_at(graph, operation.norm));
  const std::vector<float> slope = slopes(model, node_at(graph, operation.prelu), result_.channels);
  if (model.stem() == StemArithmetic::int16) {
    const InputSection& input = model.metadata()->input;
    integers_.emplace(kernels_.int16_stem, shape_, filter_down_, filter_across_,
                      int16_stem_terms(input, shape_, filter_down_, filter_across_, weights, norm, slope),
                      layout, threads);
    zero_points_ = zero_points(input, filter_across_.extent);
  }
  const auto mean_of = [&](WindowMeans::Taps, WindowMeans::Taps) {
    return padded(norm.mean, floats::kGroup);
  };
  floats_.emplace(
      kernels_.stem, shape_, filter_down_, filter_across_,
      StemFilter<float>::Terms{floats::arrange_weights(shape_, weights.data(), map_of(conv).channels),
                               WindowMeans(filter_down_, filter_across_, shape_.computed_width(), mean_of),
                               padded(norm.gain, floats::kGroup), padded(norm.beta, floats::kGroup),
                               padded(slope, floats::kGroup)},
      layout, threads);
}

std::ptrdiff_t StemStep::convolved_floats() const {
  return std::ptrdiff_t{shape_.computed_width()} * shape_.channels;
}

void StemStep::run(const Run& run, const Member& member) const {
  const bool integers = integers_.has_value() && run.image.bytes(0) != nullptr;
  integers ? run_rows(*integers_, run, member) : run_rows(*floats_, run, member);
}

template <class Value>
void StemStep::run_rows(const StemFilter<Value>& filter, const Run& run, const Member& member) const {
  const Member::Range rows = member.share_of(result_.height);
  const int thread = member.index;
  float* const last_rows =
      run.arena.at<float>(convolved_) + std::ptrdiff_t{thread} * pool_down_.size * convolved_floats();
  float* to = run.floats(result_);
  int convolved = pool_down_.begin(rows.first), prepared = filter_down_.begin(convolved);  // the next ones
  for (int row = rows.first; row < rows.last; ++row) {
    for (; convolved < pool_down_.end(row); ++convolved) {
      for (; prepared < filter_down_.end(convolved); ++prepared) {
        load_row(run.image, prepared, filter.pixels(run.arena, thread));
        filter.prepare(run.arena, thread, prepared);
      }
      filter.convolve(run.arena, thread, convolved,
                      is_result() ? to + row * result_.row_values()
                                  : last_rows + convolved % pool_down_.size * convolved_floats());
    }
    if (!is_result()) {
      pool_row(kernels_, {last_rows, pool_down_.size, convolved_floats(), shape_.channels}, pool_down_,
               pool_across_, row, result_.channels, result_.channels, to + row * result_.row_values());
    }
  }
}

void StemStep::load_row(const ImageRows& image, int row, std::int16_t* to) const {
  const std::uint8_t* pixels = image.bytes(row);
  for (std::size_t i = 0; i < zero_points_.size(); ++i) {
    to[i] = static_cast<std::int16_t>(pixels[i] - zero_points_[i]);
  }
}

bool StemStep::is_result() const {
  const bool pooled =
      pool_down_.size > 1 || pool_down_.stride > 1 || pool_across_.size > 1 || pool_across_.stride > 1;
  return !pooled && convolved_floats() == result_.row_values();
}

}  // namespace tern::engine
