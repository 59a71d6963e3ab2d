#include "tern/kernels/pack_ternary.h"

#include "tern/kernels/common/check_ternary.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

PackedTernary pack_ternary(const Tensor& x) {
  static constexpr Kernel<decltype(cpu::pack_ternary)> kernel{"pack_ternary", &cpu::pack_ternary,
                                                              TERN_CUDA_KERNEL(cuda::pack_ternary)};
  check_tensor("pack_ternary", "x", x, DType::i8, x.shape().rank());
  PackedTernary packed = PackedTernary::empty(x.shape(), x.device());
  kernel(x.device(), x, packed);
  return packed;
}

Tensor unpack_ternary(const PackedTernary& x, DType dtype) {
  static constexpr Kernel<decltype(cpu::unpack_ternary)> kernel{"unpack_ternary", &cpu::unpack_ternary,
                                                                TERN_CUDA_KERNEL(cuda::unpack_ternary)};
  check_packed("unpack_ternary", "x", x);
  require<ShapeError>(dtype == DType::i8 || dtype == DType::f32 || dtype == DType::bf16,
                      "unpack_ternary: to {}, expected i8, f32 or bf16", dtype);
  Tensor y = Tensor::empty(x.shape(), dtype, x.device());
  kernel(x.device(), x, y);
  return y;
}

}  // namespace tern::kernels
