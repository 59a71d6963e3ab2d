#include "tern/kernels/cuda/reduce_channels.cuh"
#include "tern/kernels/sum_rows.h"

namespace tern::kernels::cuda {
namespace {

struct RowSums {
  const float* x;
  std::int64_t channels;
  float* sums;
  static constexpr int kMaxWidth = 4;

  template <int Width>
  struct Columns {
    using Row = Vector<float, Width>;

    __device__ Columns(const RowSums& of, std::int64_t channel) : x(of.x + channel), step(of.channels) {}
    __device__ Row load(std::int64_t row) const { return cuda::load<Width>(x + row * step); }
    __device__ void add(std::int64_t, const Row& row, float (&to)[1][Width]) const {
      for (int k = 0; k < Width; ++k) to[0][k] += row.at[k];
    }

    const float* x;
    std::int64_t step;
  };

  __device__ void operator()(std::int64_t channel, const double (&totals)[1]) const {
    sums[channel] = static_cast<float>(totals[0]);
  }
};

}  // namespace

void sum_rows(const Tensor& x, Tensor& sums) {
  const std::int64_t channels = x.dim(-1);
  if (channels == 0) return;
  const RowSums body{x.data<float>(), channels, sums.data<float>()};
  reduce_channels<1>(x.numel() / channels, channels, x.device(), body, body);
}

}  // namespace tern::kernels::cuda
