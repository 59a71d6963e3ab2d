#include "tests/reference/conv2d.h"

#include "tests/support/compare.h"

namespace tern::reference {
namespace {

using kernels::Conv2dParameters;

// Calls term(y, x, w) with the element numbers of every product x * w that y is the sum of. The convolution
// is bilinear, so the same list of products defines its gradients.
template <class Term>
void for_each_term(const Shape& x, const Shape& w, const Shape& y, const Conv2dParameters& p,
                   const Term& term) {
  for (std::int64_t n = 0; n < y[0]; ++n) {
    for (std::int64_t row = 0; row < y[1]; ++row) {
      for (std::int64_t column = 0; column < y[2]; ++column) {
        for (std::int64_t o = 0; o < y[3]; ++o) {
          for (std::int64_t kh = 0; kh < w[1]; ++kh) {
            for (std::int64_t kw = 0; kw < w[2]; ++kw) {
              const std::int64_t h = row * p.stride + kh - p.padding;
              const std::int64_t v = column * p.stride + kw - p.padding;
              if (h < 0 || h >= x[1] || v < 0 || v >= x[2]) continue;
              for (std::int64_t i = 0; i < x[3]; ++i) {
                term(static_cast<std::size_t>(((n * y[1] + row) * y[2] + column) * y[3] + o),
                     static_cast<std::size_t>(((n * x[1] + h) * x[2] + v) * x[3] + i),
                     static_cast<std::size_t>(((o * w[1] + kh) * w[2] + kw) * w[3] + i));
              }
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
