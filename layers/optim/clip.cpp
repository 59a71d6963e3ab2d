#include "tern/layers/optim/clip.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "tern/core/error.h"
#include "tern/kernels/sum_of_squares.h"

namespace tern {

double gradient_norm(const NamedVariables& parameters) {
  std::vector<Tensor> gradients;
  std::vector<std::string> names;
  for (const auto& [name, parameter] : parameters) {
    if (!parameter.grad().defined()) continue;
    gradients.push_back(parameter.grad());
    names.push_back(name);
  }
  const std::vector<double> sums = kernels::sum_of_squares(gradients);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    // Squares of finite floats cannot overflow a double, so this is finite if all elements are.
    require<NumericError>(std::isfinite(sums[i]),
                          "gradient_norm: the gradient of '{}' holds a NaN or an infinity", names[i]);
  }
  return std::sqrt(std::accumulate(sums.begin(), sums.end(), 0.0));
}

double clip_scale(double norm, double max_norm) {
  constexpr double kGuard = 1e-6;  // PyTorch's, against a norm of zero
  require<ConfigError>(max_norm > 0, "clip_scale: max_norm is {}, expected more than 0", max_norm);
  return std::min(1.0, max_norm / (norm + kGuard));
}

}  // namespace tern
