#include "tern/kernels/packed_ternary_conv2d.h"

#include "tern/kernels/common/check_ternary.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor packed_ternary_conv2d(const PackedTernary& x, const PackedTernary& t, const Conv2dParameters& p) {
  static constexpr const char* kName = "packed_ternary_conv2d";
  static constexpr Kernel<decltype(cpu::packed_ternary_conv2d)> kernel{
      kName, &cpu::packed_ternary_conv2d, TERN_CUDA_KERNEL(cuda::packed_ternary_conv2d)};
  check_packed(kName, "x", x);
  check_packed(kName, "t", t);
  Tensor z = Tensor::empty(conv2d_output_shape(kName, x.shape(), t.shape(), p),
                           ternary_conv2d_dtype(t.shape()), x.device());
  kernel(x.device(), x, t, p, z);
  return z;
}

}  // namespace tern::kernels
