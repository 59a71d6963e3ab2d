#include "tern/layers/functions/linear.h"

#include "tern/kernels/linear.h"
#include "tern/kernels/sum_rows.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/cast.h"

namespace tern {

Variable linear(const Variable& input, const Variable& w, const Variable& bias) {
  const Variable x = cast(input, DType::f32);
  Tensor y = kernels::linear(x.value(), w.value(), bias.defined() ? bias.value() : Tensor());
  const bool needs_dx = x.requires_grad(), needs_dw = w.requires_grad(), needs_db = bias.requires_grad();
  return Tape::record("linear", std::move(y), {x, w, bias}, {{kind_of(x), needs_dw ? x.value() : Tensor()}},
                      [w = w.value(), needs_dx, needs_dw, needs_db](const Tensor& dy, const Saved& saved) {
                        return std::vector<Tensor>{
                            needs_dx ? kernels::linear_backward_data(dy, w) : Tensor(),
                            needs_dw ? kernels::linear_backward_weight(dy, saved[0]) : Tensor(),
                            needs_db ? kernels::sum_rows(dy) : Tensor()};
                      });
}

}  // namespace tern
