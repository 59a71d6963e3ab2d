#include "tests/reference/batch_norm.h"

#include <cmath>

#include "tests/support/compare.h"

namespace tern::reference {
namespace {

// Calls body(element, channel) for every element of a tensor.
template <class Body>
void for_each_element(const Tensor& x, const Body& body) {
  const auto channels = static_cast<std::size_t>(x.dim(-1));
  for (std::size_t i = 0; i < static_cast<std::size_t>(x.numel()); ++i) body(i, i % channels);
}

double rows_of(const Tensor& x) {
  return static_cast<double>(x.numel() / x.dim(-1));
}

}  // namespace

Statistics channel_statistics(const Tensor& x) {
  const auto channels = static_cast<std::size_t>(x.dim(-1));
  const std::vector<double> px = test::as_doubles(x);
  Statistics s{std::vector<double>(channels, 0.0), std::vector<double>(channels, 0.0)};
  for_each_element(x, [&](std::size_t i, std::size_t c) { s.mean[c] += px[i]; });
  for (double& mean : s.mean) mean /= rows_of(x);
  for_each_element(x, [&](std::size_t i, std::size_t c) { s.variance[c] += std::pow(px[i] - s.mean[c], 2); });
  for (double& variance : s.variance) variance /= rows_of(x);
  return s;
}

std::vector<double> batch_norm(const Tensor& x, const Normalisation& t) {
  std::vector<double> y(static_cast<std::size_t>(x.numel()));
  const float* px = x.data<float>();
  for_each_element(x, [&](std::size_t i, std::size_t c) {
    y[i] = (px[i] - t.mean[c]) * t.inv_std[c] * t.gamma[c] + t.beta[c];
  });
  return y;
}

Gradients batch_norm_backward(const Tensor& dy, const Tensor& x, const Normalisation& t,
                              bool batch_statistics) {
  const std::size_t channels = t.mean.size();
  Gradients g{std::vector<double>(static_cast<std::size_t>(x.numel())), std::vector<double>(channels, 0.0),
              std::vector<double>(channels, 0.0)};
  const float *pdy = dy.data<float>(), *px = x.data<float>();
  const auto x_hat = [&](std::size_t i, std::size_t c) { return (px[i] - t.mean[c]) * t.inv_std[c]; };
  for_each_element(x, [&](std::size_t i, std::size_t c) {
    g.dbeta[c] += pdy[i];
    g.dgamma[c] += pdy[i] * x_hat(i, c);
  });
  for_each_element(x, [&](std::size_t i, std::size_t c) {
    const double through_statistics =
        batch_statistics ? (g.dbeta[c] + x_hat(i, c) * g.dgamma[c]) / rows_of(x) : 0.0;
    g.dx[i] = t.gamma[c] * t.inv_std[c] * (pdy[i] - through_statistics);
  });
  return g;
}

}  // namespace tern::reference
