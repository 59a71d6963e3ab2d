#include "tests/reference/conv2d.h"

#include <array>

#include "tests/support/compare.h"

namespace tern::reference {
namespace {

using kernels::Conv2dParameters;

/// The extents of four dimensions; a Shape checks each time that one is asked for.
using Extents = std::array<std::int64_t, 4>;

Extents extents(const Shape& shape) {
  return {shape[0], shape[1], shape[2], shape[3]};
}

std::int64_t offset(const Extents& e, std::int64_t n, std::int64_t row, std::int64_t column,
                    std::int64_t channel) {
  return ((n * e[1] + row) * e[2] + column) * e[3] + channel;
}

// Calls term(y, x, w) with the element numbers of every product x * w that y is the sum of. The convolution
// is bilinear, so the same list of products defines its gradients.
template <class Term>
void for_each_term(const Shape& x_shape, const Shape& w_shape, const Shape& y_shape,
                   const Conv2dParameters& p, const Term& term) {
  const Extents x = extents(x_shape), w = extents(w_shape), y = extents(y_shape);
  for (std::int64_t n = 0; n < y[0]; ++n) {
    for (std::int64_t row = 0; row < y[1]; ++row) {
      for (std::int64_t column = 0; column < y[2]; ++column) {
        for (std::int64_t o = 0; o < y[3]; ++o) {
          for (std::int64_t kh = 0; kh < w[1]; ++kh) {
            for (std::int64_t kw = 0; kw < w[2]; ++kw) {
              const std::int64_t h = row * p.stride + kh - p.padding;
              const std::int64_t v = column * p.stride + kw - p.padding;
              if (h < 0 || h >= x[1] || v < 0 || v >= x[2]) continue;
              const auto iy = static_cast<std::size_t>(offset(y, n, row, column, o)),
                         ix = static_cast<std::size_t>(offset(x, n, h, v, 0)),
                         iw = static_cast<std::size_t>(offset(w, o, kh, kw, 0));
              for (std::size_t i = 0; i < static_cast<std::size_t>(x[3]); ++i) term(iy, ix + i, iw + i);
            }
          }
        }
      }
    }
  }
}

std::size_t size_of(const Shape& shape) {
  return static_cast<std::size_t>(shape.numel());
}

}  // namespace

template <class Sum>
std::vector<Sum> conv2d(const Tensor& x, const Tensor& w, const Conv2dParameters& p) {
  const Shape shape = kernels::conv2d_output_shape("reference", x.shape(), w.shape(), p);
  std::vector<Sum> y(size_of(shape), Sum{0});
  const std::vector<double> px = test::as_doubles(x), pw = test::as_doubles(w);
  for_each_term(x.shape(), w.shape(), shape, p, [&](std::size_t iy, std::size_t ix, std::size_t iw) {
    y[iy] += static_cast<Sum>(px[ix]) * static_cast<Sum>(pw[iw]);
  });
  return y;
}

template std::vector<double> conv2d<double>(const Tensor&, const Tensor&, const Conv2dParameters&);
template std::vector<std::int32_t> conv2d<std::int32_t>(const Tensor&, const Tensor&,
                                                        const Conv2dParameters&);

std::vector<double> conv2d_backward_data(const Tensor& dy, const Tensor& w, const Shape& x_shape,
                                         const Conv2dParameters& p) {
  std::vector<double> dx(size_of(x_shape), 0.0);
  const std::vector<double> pdy = test::as_doubles(dy), pw = test::as_doubles(w);
  for_each_term(x_shape, w.shape(), dy.shape(), p,
                [&](std::size_t iy, std::size_t ix, std::size_t iw) { dx[ix] += pdy[iy] * pw[iw]; });
  return dx;
}

std::vector<double> conv2d_backward_weights(const Tensor& dy, const Tensor& x, const Shape& w_shape,
                                            const Conv2dParameters& p) {
  std::vector<double> dw(size_of(w_shape), 0.0);
  const std::vector<double> pdy = test::as_doubles(dy), px = test::as_doubles(x);
  for_each_term(x.shape(), w_shape, dy.shape(), p,
                [&](std::size_t iy, std::size_t ix, std::size_t iw) { dw[iw] += pdy[iy] * px[ix]; });
  return dw;
}

}  // namespace tern::reference
