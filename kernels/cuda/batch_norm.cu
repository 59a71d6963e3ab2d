#include "tern/kernels/batch_norm.h"
#include "tern/kernels/common/moments.h"
#include "tern/kernels/cuda/normalise.cuh"

namespace tern::kernels::cuda {
namespace {

template <class Element>
struct Round : SameForAllChannels<Round<Element>> {
  __device__ Element operator()(float t, int) const { return rounded_to<Element>(t); }
};

/// Sums of the distances to the first row and of their squares, and what becomes of them.
template <class Element>
struct ElementStatistics {
  const Element* x;
  std::int64_t channels, rows;
  float *mean, *variance;
  static constexpr int kMaxWidth = 4;

  template <int Width>
  struct Columns {
    using Row = Vector<Element, Width>;

    __device__ Columns(const ElementStatistics& of, std::int64_t channel)
        : x(of.x + channel), step(of.channels), pivot(load_floats<Width>(x)) {}

    __device__ Row load(std::int64_t row) const { return cuda::load<Width>(x + row * step); }
    __device__ void add(std::int64_t, const Row& row, float (&sums)[2][Width]) const {
      for (int k = 0; k < Width; ++k) {
        const float d = to_float(row.at[k]) - pivot.at[k];
        sums[0][k] += d;
        sums[1][k] += d * d;
      }
    }

    const Element* x;
    std::int64_t step;
    Vector<float, Width> pivot;
  };

  __device__ void operator()(std::int64_t channel, const double (&sums)[2]) const {
    const Moments moments = pivoted_moments(to_float(x[channel]), sums[0], sums[1], rows);
    mean[channel] = moments.mean;
    variance[channel] = moments.variance;
  }
};

}  // namespace

void channel_statistics(const Tensor& x, Tensor& mean, Tensor& variance) {
  const std::int64_t channels = x.dim(-1), rows = x.numel() / channels;
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    const ElementStatistics<Element> body{x.data<Element>(), channels, rows, mean.data<float>(),
                                          variance.data<float>()};
    reduce_channels<2>(rows, channels, x.device(), body, body);
  });
}

void batch_norm(const Tensor& x, const BatchNormTerms& terms, Tensor& y, std::int32_t* non_finite) {
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    normalise_forward<Element>(x, terms, Round<Element>(), y.data<Element>(), non_finite);
  });
}

void batch_norm_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                         const BatchStatistics& statistics, const Tensor& addend,
                         BatchNormGradients& gradients) {
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    normalise_backward<Element>(stored_upstream<Element>(dy), x, terms, statistics, OpenGate(), gradients,
                                addend);
  });
}

}  // namespace tern::kernels::cuda
