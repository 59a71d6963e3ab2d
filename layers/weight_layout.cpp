#include "tern/layers/weight_layout.h"

#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern {

namespace {

void check_weight(const char* function, const Tensor& weight) {
  require<ShapeError>(weight.defined(), "{}: the weight is undefined", function);
  require<ShapeError>(weight.dtype() == DType::f32 && weight.shape().rank() == 4,
                      "{}: the weight is {} {}, expected f32 with 4 dimensions", function, weight.dtype(),
                      weight.shape());
  require<DeviceError>(weight.device().type == DeviceType::cpu, "{}: the weight is on {}, expected the CPU",
                       function, weight.device());
}

/// (batch, rows, columns) to (batch, columns, rows).
void transpose_batches(const float* source, float* target, std::int64_t batch, std::int64_t rows,
                       std::int64_t columns) {
  for (std::int64_t b = 0; b < batch; ++b, source += rows * columns) {
    for (std::int64_t c = 0; c < columns; ++c) {
      for (std::int64_t r = 0; r < rows; ++r) *target++ = source[r * columns + c];
    }
  }
}

}  // namespace

Tensor oihw_to_ohwi(const Tensor& weight) {
  check_weight("oihw_to_ohwi", weight);
  const std::int64_t o = weight.dim(0), i = weight.dim(1), kh = weight.dim(2), kw = weight.dim(3);
  Tensor ohwi = Tensor::empty({o, kh, kw, i});
  transpose_batches(weight.data<float>(), ohwi.data<float>(), o, i, kh * kw);
  return ohwi;
}

Tensor ohwi_to_oihw(const Tensor& weight) {
  check_weight("ohwi_to_oihw", weight);
  const std::int64_t o = weight.dim(0), kh = weight.dim(1), kw = weight.dim(2), i = weight.dim(3);
  Tensor oihw = Tensor::empty({o, i, kh, kw});
  transpose_batches(weight.data<float>(), oihw.data<float>(), o, kh * kw, i);
  return oihw;
}

}  // namespace tern
