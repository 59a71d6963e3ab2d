#include "layers/functions/ternary_conv2d.h"

#include "kernels/pack_ternary.h"
#include "kernels/ternary_conv2d.h"
#include "layers/autograd/tape.h"

namespace tern {
namespace {

/// z with its place on the tape.
Variable record(Tensor z, const TernaryVariable& x, const Variable& t, const Conv2dParameters& parameters) {
  const Variable& values = x.values;
  const bool needs_dx = values.requires_grad(), needs_dt = t.requires_grad();
  PackedTernary packed;
  if (needs_dt && Tape::records({values, t})) {
    packed = x.packed.defined() ? x.packed : kernels::pack_ternary(values.value());
  }
  return Tape::record("ternary_conv2d", std::move(z), {values, t}, {{SavedKind::ternary, std::move(packed)}},
                      [images = values.shape(), t = t.value(), parameters, needs_dx, needs_dt](
                          const Tensor& dz, const Saved& saved) {
                        Tensor dx, dt;
                        if (needs_dx) dx = kernels::ternary_conv2d_backward_data(dz, t, images, parameters);
                        if (needs_dt)
                          dt = kernels::ternary_conv2d_backward_weights(dz, saved.packed(0), t.shape(),
                                                                        parameters);
                        return std::vector<Tensor>{dx, dt};
                      });
}

}  // namespace

Variable ternary_conv2d(const TernaryVariable& x, const Variable& t, const Conv2dParameters& parameters) {
  return record(kernels::ternary_conv2d(x.values.value(), t.value(), parameters), x, t, parameters);
}

IntegerVariable integer_convolution(const TernaryVariable& x, const Variable& t,
                                    const Conv2dParameters& parameters, bool with_sums) {
  if (!with_sums) return ternary_conv2d(x, t, parameters);
  kernels::IntegersWithSums z = kernels::ternary_conv2d_with_sums(x.values.value(), t.value(), parameters);
  return {record(std::move(z.z), x, t, parameters), std::move(z.sums)};
}

}  // namespace tern
