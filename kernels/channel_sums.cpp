#include "tern/kernels/channel_sums.h"

#include "tern/kernels/common/batch_norm_check.h"
#include "tern/kernels/common/check_ternary.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor channel_sums(const Tensor& x) {
  static constexpr Kernel<decltype(cpu::channel_sums)> kernel{"channel_sums", &cpu::channel_sums,
                                                              TERN_CUDA_KERNEL(cuda::channel_sums)};
  check_integers("channel_sums", "x", x);
  check_rows("channel_sums", "x", x);
  Tensor sums = Tensor::empty({2, x.dim(-1)}, DType::i64, x.device());
  kernel(x.device(), x, sums);
  return sums;
}

ChannelStatistics statistics_of_sums(const Tensor& sums, std::int64_t rows) {
  static constexpr Kernel<decltype(cpu::statistics_of_sums)> kernel{
      "statistics_of_sums", &cpu::statistics_of_sums, TERN_CUDA_KERNEL(cuda::statistics_of_sums)};
  check_tensor("statistics_of_sums", "sums", sums, DType::i64, 2);
  require<ShapeError>(sums.dim(0) == 2, "statistics_of_sums: sums is {}, expected (2, C)", sums.shape());
  require<ShapeError>(rows >= 1, "statistics_of_sums: {} rows have no mean", rows);
  const Shape channels{sums.dim(1)};
  ChannelStatistics statistics{Tensor::empty(channels, DType::f32, sums.device()),
                               Tensor::empty(channels, DType::f32, sums.device())};
  kernel(sums.device(), sums, rows, statistics.mean, statistics.variance);
  return statistics;
}

}  // namespace tern::kernels
