#include "tern/models/engine/steps/ternary.h"

#include <algorithm>

#include "tern/kernels/cpu/packed/weights.h"
#include "tern/models/engine/padded.h"

namespace tern::engine {
namespace {

using graph::Node;

packed::ConvolutionShape convolution(const Node& node, const PackedMap& x) {
  packed::ConvolutionShape shape;
  shape.height = shape.kernel_height = x.height;
  shape.width = shape.kernel_width = x.width;
  shape.channels = x.channels;
  shape.filters = static_cast<int>(node.output[-1]);
  shape.planes = node.levels == WeightLevels::four ? 2 : 1;
  shape.border = x.border;
  if (node.op == graph::Operator::ternary_linear) return shape;
  const graph::Window& w = node.window;
  shape.kernel_height = static_cast<int>(w.height);
  shape.kernel_width = static_cast<int>(w.width);
  shape.stride_height = static_cast<int>(w.stride_height);
  shape.stride_width = static_cast<int>(w.stride_width);
  shape.padding_height = static_cast<int>(w.padding_height);
  shape.padding_width = static_cast<int>(w.padding_width);
  return shape;
}

}  // namespace

TernaryStep::TernaryStep(ModelReader& model, const graph::Graph& graph, const Operation& operation,
                         const PackedMap& x, const ActivationMap* shortcut, const ActivationMap& result,
                         Packing packing)
    : x_(x),
      has_shortcut_(shortcut != nullptr),
      shortcut_(has_shortcut_ ? *shortcut : result),
      result_(result),
      packing_(std::move(packing)) {
  const Node& node = *node_at(graph, operation.node);
  arrange(model, node);
  scale_ = padded(model.floats(node, "scale"), packed::kLanes);
  NormTerms norm = terms_after(model, node, node_at(graph, operation.norm));
  mean_ = padded(std::move(norm.mean), packed::kLanes);
  gain_ = padded(std::move(norm.gain), packed::kLanes);
  beta_ = padded(std::move(norm.beta), packed::kLanes);
  slope_ = padded(slopes(model, node_at(graph, operation.prelu), result.channels), packed::kLanes);
}

void TernaryStep::arrange(ModelReader& model, const Node& node) {
  const std::vector<std::int8_t> values = model.ternary(node);
  packed::ConvolutionShape shape = convolution(node, x_);
  const int count = shape.filters;
  constexpr int kShare = 2 * packed::kWordChannels;  // for threads to share, and packed words stay whole
  const int share = result_.height * result_.width == 1 ? kShare : count;
  const std::size_t filter_values = values.size() / static_cast<std::size_t>(count);
  for (int first = 0; first < count; first += share) {
    shape.filters = std::min(share, count - first);
    const std::int8_t* from = values.data() + static_cast<std::size_t>(first) * filter_values;
    filters_.push_back({first, shape, packed::arrange_weights(packed::kernels(), shape, from)});
  }
}

std::vector<Access> TernaryStep::accesses() const {
  const bool shared_rows = filters_.size() == 1;
  std::vector<Access> all{reads_all(x_), writes_rows(result_)};
  if (has_shortcut_) all.push_back(reads_rows(shortcut_));
  if (!packing_.empty()) all.push_back(writes_rows(packing_.to()));
  for (Access& access : all) {
    if (!shared_rows) access.parts = 0;
  }
  return all;
}

void TernaryStep::run(const Run& run, const Member& member) const {
  if (filters_.size() == 1) return run_rows(run, member.share_of(result_.height));
  const Member::Range share = member.share_of(static_cast<int>(filters_.size()));
  for (int i = share.first; i < share.last; ++i) run_filters(run, filters_[static_cast<std::size_t>(i)]);
}

packed::Epilogue TernaryStep::epilogue(int first) const {
  return {scale_.data() + first, mean_.data() + first, gain_.data() + first, beta_.data() + first,
          slope_.data() + first};
}

void TernaryStep::run_rows(const Run& run, const Member::Range& rows) const {
  const Filters& all = filters_.front();
  float* y = run.floats(result_);
  // The kernel adds a shortcut always; adding -0 changes nothing, not even the sign of a zero.
  if (!has_shortcut_)
    std::fill(y + rows.first * result_.row_values(), y + rows.last * result_.row_values(), -0.0F);
  packed::kernels().convolve_fused(all.shape, run.words(x_), all.weights.data(), epilogue(0),
                                   run.floats(shortcut_), rows.first, rows.last, y, packing_.output(run));
}

void TernaryStep::run_filters(const Run& run, const Filters& filters) const {
  const int first = filters.first;
  float* y = run.floats(result_) + first;
  if (!has_shortcut_) std::fill_n(y, filters.shape.filters, -0.0F);
  packed::kernels().convolve_fused(filters.shape, run.words(x_), filters.weights.data(), epilogue(first),
                                   run.floats(shortcut_) + first, 0, 1, y,
                                   packing_.output_of_vector(run, first));
}

}  // namespace tern::engine
