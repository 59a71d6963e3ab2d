#include "tern/layers/functions/ternary_conv2d.h"

#include "tern/kernels/pack_ternary.h"
#include "tern/kernels/scale_channels.h"
#include "tern/kernels/sum_rows.h"
#include "tern/kernels/ternary_conv2d.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/scale_channels.h"

namespace tern {
namespace {

/// z, or scale * z + bias if scale is defined, with its place on the tape.
Variable record(const char* name, Tensor y, const TernaryVariable& x, const Variable& t,
                const Conv2dParameters& parameters, const Tensor& scale = {}, const Variable& bias = {}) {
  const Variable& values = x.values;
  const bool needs_dx = values.requires_grad(), needs_dt = t.requires_grad();
  PackedTernary packed;
  if (needs_dt && Tape::records({values, t})) {
    packed = x.packed.defined() ? x.packed : kernels::pack_ternary(values.value());
  }
  return Tape::record(name, std::move(y), {values, t, bias}, {{SavedKind::ternary, std::move(packed)}},
                      [images = values.shape(), t = t.value(), parameters, scale, needs_dx, needs_dt,
                       needs_dbias = bias.requires_grad()](const Tensor& dy, const Saved& saved) {
                        Tensor dx, dt;
                        const Tensor dz = scale.defined() ? kernels::scale_channels(dy, scale, Tensor()) : dy;
                        if (needs_dx) dx = kernels::ternary_conv2d_backward_data(dz, t, images, parameters);
                        if (needs_dt) {
                          dt = kernels::ternary_conv2d_backward_weights(dz, saved.packed(0), t.shape(),
                                                                        parameters);
                        }
                        return std::vector<Tensor>{dx, dt, needs_dbias ? kernels::sum_rows(dy) : Tensor()};
                      });
}

}  // namespace

Variable ternary_conv2d(const TernaryVariable& x, const Variable& t, const Conv2dParameters& parameters,
                        WeightLevels levels) {
  return record("ternary_conv2d", kernels::ternary_conv2d(x.values.value(), t.value(), parameters, levels), x,
                t, parameters);
}

Variable scaled_ternary_conv2d(const TernaryVariable& x, const Variable& t, const Variable& scale,
                               const Variable& bias, const Conv2dParameters& parameters,
                               WeightLevels levels) {
  if (Tape::records({scale})) return scale_channels(ternary_conv2d(x, t, parameters, levels), scale, bias);
  Tensor y = kernels::scaled_ternary_conv2d(x.values.value(), t.value(), scale.value(),
                                            bias.defined() ? bias.value() : Tensor(), parameters, levels);
  return record("scaled_ternary_conv2d", std::move(y), x, t, parameters, scale.value(), bias);
}

IntegerVariable integer_convolution(const TernaryVariable& x, const Variable& t,
                                    const Conv2dParameters& parameters, bool with_sums, WeightLevels levels) {
  if (!with_sums) return ternary_conv2d(x, t, parameters, levels);
  kernels::IntegersWithSums z =
      kernels::ternary_conv2d_with_sums(x.values.value(), t.value(), parameters, levels);
  return {record("ternary_conv2d", std::move(z.z), x, t, parameters), std::move(z.sums)};
}

}  // namespace tern
