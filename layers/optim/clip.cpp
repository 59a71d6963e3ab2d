#include "tern/layers/optim/clip.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "tern/core/error.h"
#include "tern/kernels/sum_of_squares.h"
#include "tern/layers/autograd/deferred_gradient.h"

namespace tern {

Tensor gradient_sums_of_squares(const NamedVariables& parameters) {
  const Device device = parameters.empty() ? Device{} : parameters.front().second.value().device();
  const auto count = static_cast<std::int64_t>(parameters.size());
  Tensor sums = Tensor::zeros({count}, DType::i64, device);
  for (std::int64_t i = 0; i < count; ++i) {
    const Variable& parameter = parameters[static_cast<std::size_t>(i)].second;
    if (const DeferredShare& share = parameter.deferred_grad(); share.gradient) {
      share.gradient->sum_of_squares(share.leaf, sums, i);
    } else if (parameter.has_grad()) {
      kernels::sum_of_squares(parameter.grad(), sums, i);
    }
  }
  return sums;
}

double gradient_norm(const NamedVariables& parameters, const Tensor& sums_of_squares) {
  const std::vector<double> sums = kernels::read_sums(sums_of_squares);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    // Squares of finite floats cannot overflow a double, so this is finite if all elements are.
    require<NumericError>(std::isfinite(sums[i]),
                          "gradient_norm: the gradient of '{}' holds a NaN or an infinity",
                          parameters[i].first);
  }
  return std::sqrt(std::accumulate(sums.begin(), sums.end(), 0.0));
}

double gradient_norm(const NamedVariables& parameters) {
  return gradient_norm(parameters, gradient_sums_of_squares(parameters));
}

double clip_scale(double norm, double max_norm) {
  constexpr double kGuard = 1e-6;  // PyTorch's, against a norm of zero
  require<ConfigError>(max_norm > 0, "clip_scale: max_norm is {}, expected more than 0", max_norm);
  return std::min(1.0, max_norm / (norm + kGuard));
}

}  // namespace tern
