#include "layers/optim/clip.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "kernels/sum_of_squares.h"

namespace tern {

double gradient_norm(const NamedVariables& parameters) {
  double total = 0;
  for (const auto& [name, parameter] : parameters) {
    if (!parameter.grad().defined()) continue;
    // Squares of finite floats cannot overflow a double, so this is finite if all elements are.
    const double sum = kernels::sum_of_squares(parameter.grad());
    require<NumericError>(std::isfinite(sum),
                          "gradient_norm: the gradient of '{}' holds a NaN or an infinity", name);
    total += sum;
  }
  return std::sqrt(total);
}

double clip_scale(double norm, double max_norm) {
  constexpr double kGuard = 1e-6;  // PyTorch's, against a norm of zero
  require<ConfigError>(max_norm > 0, "clip_scale: max_norm is {}, expected more than 0", max_norm);
  return std::min(1.0, max_norm / (norm + kGuard));
}

}  // namespace tern
