#include "tern/models/engine/packing.h"

namespace tern::engine {

Packing::Packing(ModelReader& model, const graph::Node* norm, const graph::Node& activation,
                 const PackedMap& to)
    : to_(to) {
  const NormTerms terms = norm != nullptr ? model.batch_norm(*norm) : NormTerms::identity(to.channels);
  const bool binary = activation.op == graph::Operator::binary_activation;
  thresholds_ = {terms.mean.data(), terms.gain.data(), terms.beta.data(), to.channels,
                 binary ? packed::kBinaryCuts : packed::kTernaryCuts};
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
