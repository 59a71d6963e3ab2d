#include "tern/layers/functions/conv2d.h"

#include "tern/kernels/cast.h"
#include "tern/kernels/precision.h"
#include "tern/kernels/sum_rows.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/cast.h"

namespace tern {

Variable conv2d(const Variable& input, const Variable& w, const Variable& bias,
                const Conv2dParameters& parameters) {
  const Variable x = input.value().dtype() == DType::i8 ? cast(input, kernels::activation_dtype()) : input;
  if (bias.defined() && x.value().dtype() == DType::bf16) {
    return cast(conv2d(cast(x, DType::f32), w, bias, parameters), DType::bf16);
  }
  const Tensor bias_value = bias.defined() ? bias.value() : Tensor();
  const Tensor factor = kernels::cast(w.value(), x.value().dtype());
  Tensor y = kernels::conv2d(x.value(), factor, bias_value, parameters);
  // The image has no gradient in the stem; dx there would cost as much as the forward pass.
  const bool needs_dx = x.requires_grad(), needs_dw = w.requires_grad(), needs_dbias = bias.requires_grad();
  return Tape::record("conv2d", std::move(y), {x, w, bias}, {{kind_of(x), needs_dw ? x.value() : Tensor()}},
                      [images = x.shape(), w = factor, parameters, needs_dx, needs_dw, needs_dbias](
                          const Tensor& dy, const Saved& saved) {
                        Tensor dx, dw, dbias;
                        if (needs_dx) dx = kernels::conv2d_backward_data(dy, w, images, parameters);
                        if (needs_dw)
                          dw = kernels::conv2d_backward_weights(dy, saved[0], w.shape(), parameters);
                        if (needs_dbias) dbias = kernels::sum_rows(dy);
                        return std::vector<Tensor>{dx, dw, dbias};
                      });
}

}  // namespace tern
