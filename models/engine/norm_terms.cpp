#include "tern/models/engine/norm_terms.h"

#include "tern/models/engine/model_reader.h"

namespace tern::engine {

NormTerms NormTerms::identity(std::int64_t channels) {
  const auto count = static_cast<std::size_t>(channels);
  return {std::vector<float>(count, 0.0F), std::vector<float>(count, 1.0F), std::vector<float>(count, -0.0F)};
}

NormTerms terms_after(ModelReader& model, const graph::Node& convolution, const graph::Node* norm) {
  if (norm != nullptr) return model.batch_norm(*norm);
  NormTerms terms = NormTerms::identity(convolution.output[-1]);
  if (convolution.find("bias") == nullptr) return terms;
  terms.mean = model.floats(convolution, "bias");
  for (float& mean : terms.mean) mean = -mean;  // x - -bias is rounded as x + bias
  return terms;
}

std::vector<float> slopes(ModelReader& model, const graph::Node* prelu, std::int64_t channels) {
  if (prelu != nullptr) return model.floats(*prelu, "weight");
  return std::vector<float>(static_cast<std::size_t>(channels), 1.0F);
}

}  // namespace tern::engine
