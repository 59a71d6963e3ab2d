#include "tests/support/gradcheck.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/random.h"

namespace tern::test {
namespace {

double weighted_sum(const Tensor& y, const Tensor& weights) {
  double sum = 0;
  for (std::int64_t i = 0; i < y.numel(); ++i) {
    sum += static_cast<double>(y.data<float>()[i]) * weights.data<float>()[i];
  }
  return sum;
}

}  // namespace

Tensor random_tensor(const Shape& shape, std::uint32_t seed, float low, float high) {
  Random random(seed, RandomPurpose::test);
  Tensor tensor = Tensor::empty(shape);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) tensor.data<float>()[i] = random.uniform(low, high);
  return tensor;
}

Tensor random_ternary(const Shape& shape, std::uint32_t seed) {
  Random random(seed, RandomPurpose::test);
  Tensor tensor = Tensor::empty(shape, DType::i8);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    tensor.data<std::int8_t>()[i] = static_cast<std::int8_t>(static_cast<int>(random.below(3)) - 1);
  }
  return tensor;
}

Tensor random_integers(const Shape& shape, std::uint32_t seed, std::int16_t bound) {
  Random random(seed, RandomPurpose::test);
  Tensor tensor = Tensor::empty(shape, DType::i16);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    tensor.data<std::int16_t>()[i] = static_cast<std::int16_t>(
        static_cast<int>(random.below(2U * static_cast<unsigned>(bound) + 1)) - bound);
  }
  return tensor;
}

std::string gradcheck(const std::function<Variable(const std::vector<Variable>&)>& f,
                      std::vector<Variable> inputs, const GradcheckOptions& options) {
  const Variable y = f(inputs);
  const Tensor weights = random_tensor(y.shape(), 4711);
  for (Variable& input : inputs) input.clear_grad();
  y.backward(weights.clone());

  const NoGrad no_grad;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    if (!inputs[k].requires_grad()) continue;
    if (!inputs[k].grad().defined()) return fmt::format("input {} got no gradient", k);
    const std::vector<float> analytic = inputs[k].grad().to_vector<float>();
    for (std::size_t i = 0; i < analytic.size(); ++i) {
      float* x = inputs[k].mutable_value().data<float>() + i;
      const float saved = *x;
      const float high = saved + static_cast<float>(options.step);
      const float low = saved - static_cast<float>(options.step);
      *x = high;
      const double above = weighted_sum(f(inputs).value(), weights);
      *x = low;
      const double below = weighted_sum(f(inputs).value(), weights);
      *x = saved;
      const double numeric = (above - below) / (static_cast<double>(high) - low);
      const double error = std::abs(numeric - analytic[i]) / std::max(1.0, std::abs(double{analytic[i]}));
      if (!(error <= options.tolerance)) {
        return fmt::format("input {}, element {}: numeric {} but backward gave {}", k, i, numeric,
                           analytic[i]);
      }
    }
  }
  return {};
}

}  // namespace tern::test
