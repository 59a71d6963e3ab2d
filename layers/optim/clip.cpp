#include "tern/layers/optim/clip.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "tern/core/error.h"
#include "tern/kernels/sum_of_squares.h"
#include "tern/layers/autograd/deferred_gradient.h"

namespace tern {
namespace {

// Of the gradient of each parameter, 0 without one. Deferred gradients are not stored; the others are summed
// in one call, which on a GPU waits once for all.
std::vector<double> sums_of_squares(const NamedVariables& parameters) {
  std::vector<double> sums(parameters.size());
  std::vector<Tensor> stored;
  std::vector<std::size_t> positions;
  std::map<const DeferredGradient*, std::vector<double>> deferred;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Variable& parameter = parameters[i].second;
    if (const DeferredShare& share = parameter.deferred_grad(); share.gradient) {
      const auto [entry, is_new] = deferred.try_emplace(share.gradient.get());
      if (is_new) entry->second = share.gradient->sum_of_squares();
      sums[i] = entry->second.at(share.leaf);
    } else if (parameter.has_grad()) {
      stored.push_back(parameter.grad());
      positions.push_back(i);
    }
  }
  const std::vector<double> of_stored = kernels::sum_of_squares(stored);
  for (std::size_t i = 0; i < positions.size(); ++i) sums[positions[i]] = of_stored[i];
  return sums;
}

}  // namespace

double gradient_norm(const NamedVariables& parameters) {
  const std::vector<double> sums = sums_of_squares(parameters);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    // Squares of finite floats cannot overflow a double, so this is finite if all elements are.
    require<NumericError>(std::isfinite(sums[i]),
                          "gradient_norm: the gradient of '{}' holds a NaN or an infinity",
                          parameters[i].first);
  }
  return std::sqrt(std::accumulate(sums.begin(), sums.end(), 0.0));
}

double clip_scale(double norm, double max_norm) {
  constexpr double kGuard = 1e-6;  // PyTorch's, against a norm of zero
  require<ConfigError>(max_norm > 0, "clip_scale: max_norm is {}, expected more than 0", max_norm);
  return std::min(1.0, max_norm / (norm + kGuard));
}

}  // namespace tern
