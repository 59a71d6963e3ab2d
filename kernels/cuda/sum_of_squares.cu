#include "tern/kernels/cuda/reduce_channels.cuh"
#include "tern/kernels/sum_of_squares.h"

namespace tern::kernels::cuda {

void sum_of_squares(const Tensor& x, Tensor& sums, std::int64_t index) {
  double* sum = static_cast<double*>(sums.raw()) + index;
  const float* px = x.data<float>();
  reduce_channels<1, double>(
      x.numel(), 1, x.device(), each_element([=] __device__(std::int64_t i, std::int64_t, double(&lanes)[1]) {
        const double value = px[i];
        lanes[0] += value * value;  // in double, because squares of finite floats may overflow f32
      }),
      [=] __device__(std::int64_t, const double(&totals)[1]) { *sum = totals[0]; });
}

}  // namespace tern::kernels::cuda
