#include "tern/layers/functions/ternary_activation.h"

#include "tern/kernels/cast.h"
#include "tern/kernels/ternary_activation.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/cast.h"

namespace tern {

namespace {

Variable record(const char* name, kernels::TernaryActivationResult result, const Variable& x) {
  return Tape::record(name, std::move(result.y), {x}, {{SavedKind::mask, std::move(result.mask)}},
                      [](const Tensor& dy, const Saved& saved) {
                        // The dtype of dy is that of what reads the i8 values.
                        const Tensor wide = kernels::cast(dy, DType::f32);
                        return std::vector<Tensor>{kernels::ternary_activation_backward(wide, saved[0])};
                      });
}

}  // namespace

Variable ternary_activation(const Variable& x) {
  const Variable wide = cast(x, DType::f32);
  return record("ternary_activation", kernels::ternary_activation(wide.value()), wide);
}

Variable binary_activation(const Variable& x) {
  const Variable wide = cast(x, DType::f32);
  return record("binary_activation", kernels::binary_activation(wide.value()), wide);
}

}  // namespace tern
