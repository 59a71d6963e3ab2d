#include "tern/layers/functions/weighted_sum.h"

#include "tern/kernels/weighted_sum.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

Variable scale(const Variable& x, float factor) {
  return Tape::record("scale", kernels::weighted_sum(factor, x.value()), {x}, {},
                      [factor](const Tensor& dy, const Saved&) {
                        return std::vector<Tensor>{kernels::weighted_sum(factor, dy)};
                      });
}

Variable weighted_sum(float a, const Variable& x, float b, const Variable& y) {
  return Tape::record(
      "weighted_sum", kernels::weighted_sum(a, x.value(), b, y.value()), {x, y}, {},
      [a, b, needs_dx = x.requires_grad(), needs_dy = y.requires_grad()](const Tensor& d, const Saved&) {
        return std::vector<Tensor>{needs_dx ? kernels::weighted_sum(a, d) : Tensor(),
                                   needs_dy ? kernels::weighted_sum(b, d) : Tensor()};
      });
}

}  // namespace tern
