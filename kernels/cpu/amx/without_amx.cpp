// In the place of the other sources of this folder where there is no AMX: processors but x86-64, systems but
// Linux.
#include "tern/kernels/cpu/amx/amx.h"
#include "tern/kernels/cpu/amx/data_gradient.h"
#include "tern/kernels/cpu/amx/weight_gradient.h"

namespace tern::kernels::cpu::amx {

bool is_available() {
  return false;
}

bool takes_data_gradient(const Tensor&, const Tensor&) {
  return false;
}
void data_gradient(const Tensor&, const Tensor&, const Conv2dParameters&, Tensor&) {}

bool takes_weight_gradient(const Tensor&, const Tensor&) {
  return false;
}
void weight_gradient(const Tensor&, const Tensor&, const Conv2dParameters&, Tensor&) {}

}  // namespace tern::kernels::cpu::amx
