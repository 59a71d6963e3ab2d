#include "tern/layers/functions/threshold_activation.h"

#include "tern/kernels/cast.h"
#include "tern/kernels/threshold_activation.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/cast.h"

namespace tern {

Variable threshold_activation(const Variable& x, const Variable& low, const Variable& high) {
  const Variable wide = cast(x, DType::f32);
  Tensor y = kernels::threshold_activation(wide.value(), low.value(), high.value());
  return Tape::record("threshold_activation", std::move(y), {wide, low, high},
                      {{SavedKind::activation, wide.value()}},
                      [low = low.value(), high = high.value()](Tensor dy, const Saved& saved) {
                        // The dtype of dy is that of what reads the i8 values.
                        if (dy.dtype() != DType::f32) dy = kernels::cast(dy, DType::f32);
                        kernels::ThresholdGradients gradients =
                            kernels::threshold_activation_backward(std::move(dy), saved[0], low, high);
                        return std::vector<Tensor>{std::move(gradients.dx), std::move(gradients.dlow),
                                                   std::move(gradients.dhigh)};
                      });
}

}  // namespace tern
