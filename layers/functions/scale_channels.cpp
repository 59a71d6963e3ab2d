#include "tern/layers/functions/scale_channels.h"

#include "tern/kernels/scale_channels.h"
#include "tern/kernels/sum_rows.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

Variable scale_channels(const Variable& x, const Variable& scale, const Variable& bias) {
  Tensor y = kernels::scale_channels(x.value(), scale.value(), bias.defined() ? bias.value() : Tensor());
  const bool needs_dscale = scale.requires_grad();
  const SavedKind kind = x.value().dtype() == DType::f32 ? kind_of(x) : SavedKind::integer;
  return Tape::record("scale_channels", std::move(y), {x, scale, bias},
                      {{kind, needs_dscale ? x.value() : Tensor()}},
                      [scale = scale.value(), needs_dscale, needs_dx = x.requires_grad(),
                       needs_db = bias.requires_grad()](const Tensor& dy, const Saved& saved) {
                        return std::vector<Tensor>{
                            needs_dx ? kernels::scale_channels(dy, scale, Tensor()) : Tensor(),
                            needs_dscale ? kernels::scale_channels_backward_scale(dy, saved[0]) : Tensor(),
                            needs_db ? kernels::sum_rows(dy) : Tensor()};
                      });
}

}  // namespace tern
