#include "tests/reference/conv2d.h"

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
                term(((n * y[1] + row) * y[2] + column) * y[3] + o, ((n * x[1] + h) * x[2] + v) * x[3] + i,
                     ((o * w[1] + kh) * w[2] + kw) * w[3] + i);
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
  const float *px = x.data<float>(), *pw = w.data<float>();
  for_each_term(x.shape(), w.shape(), shape, p, [&](std::int64_t iy, std::int64_t ix, std::int64_t iw) {
    y[static_cast<std::size_t>(iy)] += static_cast<Sum>(px[ix]) * static_cast<Sum>(pw[iw]);
  });
  return y;
}

template std::vector<double> conv2d<double>(const Tensor&, const Tensor&, const Conv2dParameters&);
template std::vector<std::int32_t> conv2d<std::int32_t>(const Tensor&, const Tensor&,
                                                        const Conv2dParameters&);

std::vector<double> conv2d_backward_data(const Tensor& dy, const Tensor& w, const Shape& x_shape,
                                         const Conv2dParameters& p) {
  std::vector<double> dx(size_of(x_shape), 0.0);
  const float *pdy = dy.data<float>(), *pw = w.data<float>();
  for_each_term(x_shape, w.shape(), dy.shape(), p, [&](std::int64_t iy, std::int64_t ix, std::int64_t iw) {
    dx[static_cast<std::size_t>(ix)] += double{pdy[iy]} * double{pw[iw]};
  });
  return dx;
}

std::vector<double> conv2d_backward_weights(const Tensor& dy, const Tensor& x, const Shape& w_shape,
                                            const Conv2dParameters& p) {
  std::vector<double> dw(size_of(w_shape), 0.0);
  const float *pdy = dy.data<float>(), *px = x.data<float>();
  for_each_term(x.shape(), w_shape, dy.shape(), p, [&](std::int64_t iy, std::int64_t ix, std::int64_t iw) {
    dw[static_cast<std::size_t>(iw)] += double{pdy[iy]} * double{px[ix]};
  });
  return dw;
}

}  // namespace tern::reference
