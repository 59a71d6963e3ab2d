#include "tern/kernels/full.h"

#include <algorithm>

namespace tern::kernels::cpu {

void full(Tensor& y, float value) {
  std::fill_n(y.data<float>(), y.numel(), value);
}

}  // namespace tern::kernels::cpu
