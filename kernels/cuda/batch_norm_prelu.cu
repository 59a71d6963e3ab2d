#include "tern/kernels/batch_norm_prelu.h"
#include "tern/kernels/common/moments.h"
#include "tern/kernels/common/prelu_formulas.h"
#include "tern/kernels/cuda/max_pool2d.cuh"
#include "tern/kernels/cuda/normalise.cuh"

namespace tern::kernels::cuda {
namespace {

template <class Element>
struct Prelu {
  const float* slope;

  template <int Width>
  struct Columns {
    __device__ Element operator()(float t, int k) const {
      return rounded_to<Element>(prelu_value(stored<Element>(t), slope.at[k]));
    }
    Vector<float, Width> slope;
  };
  template <int Width>
  __device__ Columns<Width> columns(std::int64_t channel) const {
    return {load<Width>(slope + channel)};
  }
};

template <class Element>
struct PreluGate {
  const float* slope;
  float* dslope;
  static constexpr int kSums = 1;

  template <int Width>
  struct Columns {
    __device__ float operator()(float dy, float t, int k) const {
      return stored<Element>(prelu_gradient(dy, stored<Element>(t), slope.at[k]));
    }
    __device__ void add(float dy, float t, int k, float (&sums)[3][Width]) const {
      sums[2][k] += prelu_slope_gradient(dy, stored<Element>(t));
    }
    Vector<float, Width> slope;
  };
  template <int Width>
  __device__ Columns<Width> columns(std::int64_t channel) const {
    return {load<Width>(slope + channel)};
  }
  __device__ void store(std::int64_t channel, const double* sums) const {
    dslope[channel] = static_cast<float>(sums[0]);
  }
};

struct Position {
  std::int64_t image;
  int h, w;
};

/// Of a row among (N, height, width). 32 bits make the divisions cheap: the contract bounds the rows.
__device__ Position position_of(std::int64_t row, int height, int width) {
  const auto pixel = static_cast<unsigned>(row), of_image = static_cast<unsigned>(height * width);
  const unsigned in_image = pixel % of_image;
  return {pixel / of_image, static_cast<int>(in_image / width), static_cast<int>(in_image % width)};
}

/// The pooled result as a sum over its rows, of distances to the first and of their squares, and what becomes
/// of them.
template <class Element>
struct PooledStatistics {
  const Element* x;
  TermPointers pointers;
  Prelu<Element> prelu;
  PoolGeometry geometry;
  std::int64_t rows;
  Element* y;
  std::uint8_t* argmax;
  std::int32_t* non_finite;
  float *mean, *variance;  // null: not asked for
  static constexpr int kMaxWidth = 4;

  template <int Width>
  struct Columns {
    struct Row {};  // a window has loads enough in flight

    __device__ Columns(const PooledStatistics& of_, std::int64_t channel_)
        : of(of_),
          channel(channel_),
          terms(of.pointers, channel),
          prelu(of.prelu.template columns<Width>(channel)),
          pivot(maximum(0).value) {}

    __device__ Row load(std::int64_t) const { return {}; }
    __device__ WindowMaximum<Width> maximum(std::int64_t row) const {
      const Position at = position_of(row, of.geometry.height.outputs, of.geometry.width.outputs);
      const Element* image = of.x + at.image * of.geometry.image_size() + channel;
      float poisoned = 0;
      const auto best = window_maximum<Width>(of.geometry, at.h, at.w, [&](std::int64_t offset) {
        auto values = load_floats<Width>(image + offset);
        for (int k = 0; k < Width; ++k) {
          const float t = terms[k].normalised(terms[k].centred(values.at[k]));
          poisoned += poison(t);
          values.at[k] = to_float(prelu(t, k));
        }
        return values;
      });
      if (poisoned != 0) atomic_or(of.non_finite, 1);
      return best;
    }
    __device__ void add(std::int64_t row, const Row&, float (&sums)[2][Width]) const {
      const auto best = maximum(row);
      const std::int64_t i = row * of.geometry.channels + channel;
      store_rounded(of.y + i, best.value);  // exact
      store(of.argmax + i, best.where);
      for (int k = 0; k < Width; ++k) {
        const float d = best.value.at[k] - pivot.at[k];
        sums[0][k] += d;
        sums[1][k] += d * d;
      }
    }

    PooledStatistics of;
    std::int64_t channel;
    SlotTerms<Width> terms;
    typename Prelu<Element>::template Columns<Width> prelu;
    Vector<float, Width> pivot;
  };

  __device__ void operator()(std::int64_t channel, const double (&sums)[2]) const {
    if (mean == nullptr) return;
    const Moments moments = pivoted_moments(to_float(y[channel]), sums[0], sums[1], rows);
    mean[channel] = moments.mean;
    variance[channel] = moments.variance;
  }
};

/// The gradient of the PReLU's result from that of the pooled one, as max_pool2d_backward would have stored
/// it.
template <class Element>
struct PooledUpstream {
  const Element* dy;
  const std::uint8_t* argmax;
  PoolGeometry geometry;

  template <int Width>
  struct Columns {
    using Row = std::int64_t;

    __device__ Columns(const PooledUpstream& of_, std::int64_t channel_) : of(of_), channel(channel_) {}
    __device__ Row load(std::int64_t row, std::int64_t) const { return row; }
    __device__ Vector<float, Width> values(const Row& row) const {
      const Position at = position_of(row, of.geometry.height.extent, of.geometry.width.extent);
      const std::int64_t first = at.image * of.geometry.pooled_image_size() + channel;
      const auto gradients = [&](std::int64_t, std::int64_t offset) {
        return load_floats<Width>(of.dy + first + offset);
      };
      auto sum = pixel_gradient<Width>(of.geometry, at.h, at.w, gradients, of.argmax + first);
      for (int k = 0; k < Width; ++k) sum.at[k] = stored<Element>(sum.at[k]);
      return sum;
    }

    PooledUpstream of;
    std::int64_t channel;
  };
};

}  // namespace

void batch_norm_prelu(const Tensor& x, const BatchNormTerms& terms, const Tensor& slope, Tensor& y,
                      std::int32_t* non_finite) {
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    normalise_forward<Element>(x, terms, Prelu<Element>{slope.data<float>()}, y.data<Element>(), non_finite);
  });
}

void batch_norm_prelu_backward(Tensor dy, const Tensor& x, const BatchNormTerms& terms, const Tensor& slope,
                               const BatchStatistics& statistics, BatchNormPreluGradients& gradients) {
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    const PreluGate<Element> gate{slope.data<float>(), gradients.dslope.data<float>()};
    normalise_backward<Element>(stored_upstream<Element>(dy), x, terms, statistics, gate,
                                gradients.batch_norm);
  });
}

void batch_norm_prelu_max_pool2d(const Tensor& x, const BatchNormTerms& terms, const Tensor& slope,
                                 const PoolWindow& window, BatchNormPreluPooled& y,
                                 std::int32_t* non_finite) {
  const Tensor& pooled = y.pooled.y;
  const std::int64_t channels = x.dim(-1), rows = pooled.numel() / channels;
  const bool asked = y.statistics.mean.defined();
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    const PooledStatistics<Element> body{x.data<Element>(),
                                         TermPointers(terms),
                                         Prelu<Element>{slope.data<float>()},
                                         PoolGeometry(x.shape(), pooled.shape(), window),
                                         rows,
                                         y.pooled.y.data<Element>(),
                                         y.pooled.argmax.data<std::uint8_t>(),
                                         non_finite,
                                         asked ? y.statistics.mean.data<float>() : nullptr,
                                         asked ? y.statistics.variance.data<float>() : nullptr};
    reduce_channels<2>(rows, channels, x.device(), body, body);
  });
}

void batch_norm_prelu_max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const Tensor& x,
                                          const BatchNormTerms& terms, const Tensor& slope,
                                          const PoolWindow& window, const BatchStatistics& statistics,
                                          BatchNormPreluGradients& gradients) {
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    const PooledUpstream<Element> upstream{dy.data<Element>(), argmax.data<std::uint8_t>(),
                                           PoolGeometry(x.shape(), dy.shape(), window)};
    const PreluGate<Element> gate{slope.data<float>(), gradients.dslope.data<float>()};
    normalise_backward<Element>(upstream, x, terms, statistics, gate, gradients.batch_norm);
  });
}

}  // namespace tern::kernels::cuda
