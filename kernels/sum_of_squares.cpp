#include "tern/kernels/sum_of_squares.h"

#include <bit>

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

void sum_of_squares(const Tensor& x, Tensor& sums, std::int64_t index) {
  static constexpr Kernel<decltype(cpu::sum_of_squares)> kernel{"sum_of_squares", &cpu::sum_of_squares,
                                                                TERN_CUDA_KERNEL(cuda::sum_of_squares)};
  check_f32("sum_of_squares", "x", x, x.shape().rank());
  require<ShapeError>(sums.dtype() == DType::i64 && index >= 0 && index < sums.numel(),
                      "sum_of_squares: sums is {} {}, expected i64 with an element {}", sums.dtype(),
                      sums.shape(), index);
  kernel(x.device(), x, sums, index);
}

std::vector<double> read_sums(const Tensor& sums) {
  std::vector<double> values;
  for (const std::int64_t bits : sums.to_vector<std::int64_t>()) {
    values.push_back(std::bit_cast<double>(bits));
  }
  return values;
}

}  // namespace tern::kernels
