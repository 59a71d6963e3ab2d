#include "tests/support/gradcheck.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tern::test {
namespace {

double weighted_sum(const Tensor& y, const Tensor& weights) {
  const std::vector<float> values = y.to_vector<float>();
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += double{values[i]} * weights.data<float>()[i];
  return sum;
}

}  // namespace

std::string gradcheck(const std::function<Variable(const std::vector<Variable>&)>& f,
                      std::vector<Variable> inputs, const GradcheckOptions& options) {
  const Variable y = f(inputs);
  const Tensor weights = random_tensor(y.shape(), 4711);
  for (Variable& input : inputs) input.clear_grad();
  y.backward(weights.clone().to(y.value().device()));

  const NoGrad no_grad;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    if (!inputs[k].requires_grad()) continue;
    if (!inputs[k].grad().defined()) return fmt::format("input {} got no gradient", k);
    const std::vector<float> analytic = inputs[k].grad().to_vector<float>();
    const std::vector<float> values = inputs[k].value().to_vector<float>();
    const auto sum_with = [&](std::size_t i, float value) {
      std::vector<float> changed = values;
      changed[i] = value;
      inputs[k].mutable_value().copy_from(Tensor::from(inputs[k].shape(), changed));
      return weighted_sum(f(inputs).value(), weights);
    };
    for (std::size_t i = 0; i < analytic.size(); ++i) {
      const float high = values[i] + static_cast<float>(options.step);
      const float low = values[i] - static_cast<float>(options.step);
      const double above = sum_with(i, high);
      const double below = sum_with(i, low);
      const double numeric = (above - below) / (static_cast<double>(high) - low);
      const double error = std::abs(numeric - analytic[i]) / std::max(1.0, std::abs(double{analytic[i]}));
      if (!(error <= options.tolerance)) {
        return fmt::format("input {}, element {}: numeric {} but backward gave {}", k, i, numeric,
                           analytic[i]);
      }
    }
    inputs[k].mutable_value().copy_from(Tensor::from(inputs[k].shape(), values));
  }
  return {};
}

}  // namespace tern::test
