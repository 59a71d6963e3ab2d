#include "tests/support/nchw.h"

namespace tern::test {

Tensor channels_last(const Tensor& tensor) {
  const std::int64_t outer = tensor.dim(0), channels = tensor.dim(1), pixels = tensor.dim(2) * tensor.dim(3);
  Tensor result = Tensor::empty({outer, tensor.dim(2), tensor.dim(3), channels});
  const float* from = tensor.data<float>();
  float* to = result.data<float>();
  for (std::int64_t a = 0; a < outer; ++a) {
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t i = 0; i < pixels; ++i) {
        to[(a * pixels + i) * channels + c] = from[(a * channels + c) * pixels + i];
      }
    }
  }
  return result;
}

}  // namespace tern::test
