#include "tern/layers/ternary/merged_weights.h"

#include <cmath>

#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern {

FixedTernaryWeights::FixedTernaryWeights(const Shape& weight)
    : weight_(register_buffer("weight", Tensor::zeros(weight, DType::i8))),
      scale_(register_buffer("scale", Tensor::zeros({weight[0]}))) {}

void FixedTernaryWeights::check() const {
  for (const int w : weight_.to_vector<std::int8_t>()) {
    require<DataError>(w == 0 || w == 1 || w == -1, "{}: weight {} is not ternary", path(), w);
  }
  for (const float s : scale_.to_vector<float>()) {
    require<DataError>(std::isfinite(s) && s >= 0, "{}: scale {} is not a finite number >= 0", path(), s);
  }
}

TernaryMethod merged_weights() {
  return [](const Shape& weight, bool bias) {
    require<ShapeError>(!bias, "merged ternary weights have no bias: it is in the batch norm that follows");
    return std::make_unique<FixedTernaryWeights>(weight);
  };
}

}  // namespace tern
