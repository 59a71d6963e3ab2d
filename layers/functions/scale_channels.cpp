#include "tern/layers/functions/scale_channels.h"

#include "tern/kernels/scale_channels.h"
#include "tern/kernels/sum_rows.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

Variable scale_channels(const Variable& x, const Tensor& scale, const Variable& bias) {
  Tensor y = kernels::scale_channels(x.value(), scale, bias.defined() ? bias.value() : Tensor());
  return Tape::record(
      "scale_channels", std::move(y), {x, bias}, {},
      [scale, needs_dx = x.requires_grad(), needs_db = bias.requires_grad()](const Tensor& dy, const Saved&) {
        return std::vector<Tensor>{needs_dx ? kernels::scale_channels(dy, scale, Tensor()) : Tensor(),
                                   needs_db ? kernels::sum_rows(dy) : Tensor()};
      });
}

}  // namespace tern
