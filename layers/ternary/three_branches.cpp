#include "tern/layers/ternary/three_branches.h"

#include <algorithm>
#include <cmath>

#include "tern/kernels/three_branch_weights.h"
#include "tern/kernels/weighted_sum.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/add.h"
#include "tern/layers/ternary/branch.h"

namespace tern {
namespace {

using kernels::ThreeBranches;

constexpr double kThresholdOfMean = 1.25;

struct SplitFilter {
  double c, delta;
};

// How a filter of floats becomes three branches; see three_branches.h.
SplitFilter split_filter_in_three(std::int64_t n, const float* v) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += std::abs(v[i]);
  const double delta = kThresholdOfMean * sum / static_cast<double>(n);
  double products = 0, squares = 0, branches = 0;  // of |V| W, of W^2, of |V + Delta| + |V| + |V - Delta|
  for (std::int64_t i = 0; i < n; ++i) {
    const double magnitude = std::abs(v[i]), level = magnitude > delta ? 3 : 1;
    products += magnitude * level;
    squares += level * level;
    branches += 2 * std::max(magnitude, delta) + magnitude;
  }
  const double alpha = products / squares;
  return {branches > 0 ? alpha * static_cast<double>(3 * n) / branches : 1, delta};
}

ThreeBranches three_branches_of(const Tensor& v) {
  ThreeBranches branches{Tensor::empty_like(v), Tensor::empty_like(v), Tensor::empty_like(v)};
  const std::int64_t filters = v.dim(0), n = filters == 0 ? 0 : v.numel() / filters;
  for (std::int64_t o = 0; o < filters; ++o) {
    const SplitFilter split = split_filter_in_three(n, v.data<float>() + o * n);
    for (std::int64_t i = o * n; i < (o + 1) * n; ++i) {
      const double value = v.data<float>()[i];
      branches[0].data<float>()[i] = static_cast<float>(split.c * (value + split.delta));
      branches[1].data<float>()[i] = static_cast<float>(split.c * value);
      branches[2].data<float>()[i] = static_cast<float>(split.c * (value - split.delta));
    }
  }
  return branches;
}

class ThreeBranchWeights : public TernaryWeights {
 public:
  ThreeBranchWeights(const Shape& shape, bool bias, WeightGradientRule rule)
      : rule_(rule),
        branches_{&add_module("1", std::make_unique<Branch>(shape, bias), '_'),
                  &add_module("2", std::make_unique<Branch>(shape, bias), '_'),
                  &add_module("3", std::make_unique<Branch>(shape, bias), '_')} {}

  std::string method() const override { return "sttn"; }
  WeightLevels levels() const override { return WeightLevels::four; }

  TernaryVariables ternarise() override {
    Variable &w1 = branches_[0]->weight, &w2 = branches_[1]->weight, &w3 = branches_[2]->weight;
    ThreeBranches latent{w1.mutable_value(), w2.mutable_value(), w3.mutable_value()};
    auto weights = kernels::three_branch_weights(latent);
    Variable levels = Tape::record(
        "three_branch_weights", std::move(weights.ternary), {w1, w2, w3}, {},
        [latent, scale = weights.scale, rule = rule_](const Tensor& dw, const Saved&) {
          ThreeBranches gradients = kernels::three_branch_weights_backward(dw, latent, scale, rule);
          return std::vector<Tensor>(gradients.begin(), gradients.end());
        });
    return {std::move(levels), Variable(std::move(weights.scale))};
  }

  Variable bias() const override {
    if (!branches_[0]->bias.defined()) return {};
    return add(add(branches_[0]->bias, branches_[1]->bias), branches_[2]->bias);
  }

  FloatWeights to_float() const override {
    const NoGrad no_grad;
    const auto value = [this](std::size_t b) { return branches_[b]->weight.value(); };
    constexpr float kThird = 1.0F / 3;
    const Tensor two = kernels::weighted_sum(kThird, value(0), kThird, value(1));
    const Variable b = bias();
    return {kernels::weighted_sum(1, two, kThird, value(2)), b.defined() ? b.value() : Tensor()};
  }

  void start_from(const FloatWeights& layer) override {
    const ThreeBranches weights = three_branches_of(layer.weight.to(Device{}));
    for (std::size_t b = 0; b < weights.size(); ++b) {
      branches_[b]->weight.mutable_value().copy_from(weights[b]);
      Variable& bias = branches_[b]->bias;
      if (!bias.defined() || !layer.bias.defined()) continue;
      bias.mutable_value().copy_from(kernels::weighted_sum(1.0F / 3, layer.bias));
    }
  }

 private:
  WeightGradientRule rule_;
  std::array<Branch*, 3> branches_;
};

}  // namespace

TernaryMethod three_branch_sttn(WeightGradientRule rule) {
  return [rule](const Shape& shape, bool bias) {
    return std::make_unique<ThreeBranchWeights>(shape, bias, rule);
  };
}

}  // namespace tern
