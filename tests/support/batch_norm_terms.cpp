#include "tests/support/batch_norm_terms.h"

#include <cmath>

#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::test {

kernels::BatchNormTerms random_terms(std::int64_t channels, std::uint32_t seed) {
  return {random_tensor({channels}, seed, -0.5F, 0.5F), random_tensor({channels}, seed + 1, 0.5F, 2.0F),
          random_tensor({channels}, seed + 2, -1.5F, 1.5F), random_tensor({channels}, seed + 3, -0.5F, 0.5F)};
}

kernels::BatchNormTerms to(const kernels::BatchNormTerms& terms, Device device) {
  return {terms.mean.to(device), terms.inv_std.to(device), terms.gamma.to(device), terms.beta.to(device)};
}

reference::Normalisation in_double(const kernels::BatchNormTerms& terms) {
  return {as_doubles(terms.mean), as_doubles(terms.inv_std), as_doubles(terms.gamma), as_doubles(terms.beta)};
}

reference::Gradients batch_norm_backward_tolerance(const Tensor& dy, const Tensor& x,
                                                   const kernels::BatchNormTerms& terms,
                                                   bool batch_statistics) {
  const reference::Normalisation t = in_double(terms);
  const std::size_t channels = t.mean.size();
  const double rows = static_cast<double>(x.numel()) / static_cast<double>(channels);
  reference::Gradients bound{{}, std::vector<double>(channels, 0.0), std::vector<double>(channels, 0.0)};
  const auto elements = static_cast<std::size_t>(x.numel());
  const auto g = [&](std::size_t i) { return std::abs(double{dy.data<float>()[i]}); };
  const auto x_hat = [&](std::size_t i) {
    return std::abs((x.data<float>()[i] - t.mean[i % channels]) * t.inv_std[i % channels]);
  };
  // Sums: x_hat has two roundings, its product with g a third; 16 additions in f32 before the sum goes on in
  // double; one rounding of the result.
  for (std::size_t i = 0; i < elements; ++i) {
    bound.dbeta[i % channels] += 20 * kUnit * g(i);
    bound.dgamma[i % channels] += 20 * kUnit * g(i) * x_hat(i);
  }
  // dx = gain * (g - mean g - x_hat * mean (g x_hat)): the errors of the means, and at most seven roundings
  // of each term.
  for (std::size_t i = 0; i < elements; ++i) {
    const std::size_t c = i % channels;
    const double means = (bound.dbeta[c] + x_hat(i) * bound.dgamma[c]) / rows * (1 + 7.0 / 20);
    bound.dx.push_back(std::abs(t.gamma[c] * t.inv_std[c]) *
                       (7 * kUnit * g(i) + (batch_statistics ? means : 0.0)));
  }
  return bound;
}

}  // namespace tern::test
