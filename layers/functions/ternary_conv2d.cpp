#include "layers/functions/ternary_conv2d.h"

#include "kernels/ternary_conv2d.h"
#include "layers/autograd/tape.h"

namespace tern {

Variable ternary_conv2d(const Variable& x, const Variable& t, const Conv2dParameters& parameters) {
  Tensor z = kernels::ternary_conv2d(x.value(), t.value(), parameters);
  const bool needs_dx = x.requires_grad(), needs_dt = t.requires_grad();
  return Tape::record("ternary_conv2d", std::move(z), {x, t},
                      [x = x.value(), t = t.value(), parameters, needs_dx, needs_dt](const Tensor& dz) {
                        Tensor dx, dt;
                        if (needs_dx)
                          dx = kernels::ternary_conv2d_backward_data(dz, t, x.shape(), parameters);
                        if (needs_dt)
                          dt = kernels::ternary_conv2d_backward_weights(dz, x, t.shape(), parameters);
                        return std::vector<Tensor>{dx, dt};
                      });
}

}  // namespace tern
