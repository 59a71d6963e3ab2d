#pragma once

#include <vector>

#include "tern/layers/graph/graph.h"

namespace tern::engine {

class ModelReader;

/// A batch norm in evaluation, t = (x - mean) * gain + beta with gain = gamma / sqrt(variance + eps).
struct NormTerms {
  std::vector<float> mean, gain, beta;

  /// t = x to the bit, the sign of zeros included.
  static NormTerms identity(std::int64_t channels);
};

/// Of what follows a convolution: the batch norm, or else its bias, or else the identity.
NormTerms terms_after(ModelReader& model, const graph::Node& convolution, const graph::Node* norm);

/// Of a PReLU; of none, those that change nothing.
std::vector<float> slopes(ModelReader& model, const graph::Node* prelu, std::int64_t channels);

}  // namespace tern::engine
