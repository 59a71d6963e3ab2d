#include "tern/models/engine/packing.h"

#include <algorithm>
#include <vector>

namespace tern::engine {
namespace {

std::vector<packed::CutPoints> cuts_of(ModelReader& model, const graph::Node& activation, int channels) {
  if (activation.op == graph::Operator::threshold_activation) {
    const std::vector<float> low = model.floats(activation, "low"), high = model.floats(activation, "high");
    std::vector<packed::CutPoints> cuts;
    for (std::size_t c = 0; c < low.size(); ++c) {
      // The values of thresholds in the wrong order are those of the right one.
      cuts.push_back({std::min(low[c], high[c]), std::max(low[c], high[c])});
    }
    return cuts;
  }
  const bool binary = activation.op == graph::Operator::binary_activation;
  return std::vector<packed::CutPoints>(static_cast<std::size_t>(channels),
                                        binary ? packed::kBinaryCuts : packed::kTernaryCuts);
}

}  // namespace

Packing::Packing(ModelReader& model, const graph::Node* norm, const graph::Node& activation,
                 const PackedMap& to)
    : to_(to) {
  const NormTerms terms = norm != nullptr ? model.batch_norm(*norm) : NormTerms::identity(to.channels);
  thresholds_ = {terms.mean.data(), terms.gain.data(), terms.beta.data(),
                 cuts_of(model, activation, to.channels)};
}

packed::PackedOutput Packing::output(const Run& run) const {
  if (empty()) return {};
  return {thresholds_.view(), run.words(to_), to_.border};
}

packed::PackedOutput Packing::output_of_vector(const Run& run, int first) const {
  if (empty()) return {};
  packed::Thresholds thresholds = thresholds_.view();
  thresholds.low += first;
  thresholds.high += first;
  thresholds.rising += first / packed::kLanes;
  constexpr int kChannelsPerWord = packed::kWordChannels / 2;  // words of signs and of masks
  return {thresholds, run.words(to_) + to_.first_pixel() + first / kChannelsPerWord, 0};
}

}  // namespace tern::engine
