#include <cstring>

#include "tern/kernels/cuda/reduce_channels.cuh"
#include "tern/kernels/sum_of_squares.h"

namespace tern::kernels::cuda {

// One wait for all tensors: their sums come to the host together.
std::vector<double> sum_of_squares(const std::vector<Tensor>& tensors) {
  const std::int64_t count = static_cast<std::int64_t>(tensors.size());
  const Device device = tensors.front().device();
  Tensor results = Tensor::empty({count}, DType::i64, device);  // of doubles, which are as large
  double* sums = static_cast<double*>(results.raw());
  for (std::int64_t t = 0; t < count; ++t) {
    const Tensor& tensor = tensors[static_cast<std::size_t>(t)];
    const float* x = tensor.data<float>();
    reduce_channels<1, double>(
        tensor.numel(), 1, device,
        [=] __device__(std::int64_t i, std::int64_t, double(&lanes)[1]) {
          const double value = x[i];
          lanes[0] += value * value;  // in double, because squares of finite floats may overflow f32
        },
        [=] __device__(std::int64_t, const double(&totals)[1]) { sums[t] = totals[0]; });
  }
  const std::vector<std::int64_t> words = results.to_vector<std::int64_t>();
  std::vector<double> values(words.size());
  std::memcpy(values.data(), words.data(), words.size() * sizeof(double));
  return values;
}

}  // namespace tern::kernels::cuda
