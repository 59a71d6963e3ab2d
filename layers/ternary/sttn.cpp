#include "tern/layers/ternary/sttn.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <utility>

#include "tern/core/error.h"
#include "tern/kernels/branch_step.h"
#include "tern/kernels/sum_of_squares.h"
#include "tern/kernels/weighted_sum.h"
#include "tern/layers/autograd/deferred_gradient.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/add.h"
#include "tern/layers/ternary/branch.h"

namespace tern {
namespace {

// Of w1 and w2: dL/dT and what turns it into theirs. An optimiser updates both straight from dL/dT.
class BranchGradient : public DeferredGradient {
 public:
  BranchGradient(kernels::BranchPair pair, WeightGradientRule rule)
      : DeferredGradient(2), pair_(std::move(pair)), rule_(rule) {}

  std::vector<Tensor> materialise() const override {
    auto [dw1, dw2] =
        kernels::binary_branch_weights_backward(pair_.dt, pair_.w1, pair_.w2, pair_.scale, rule_);
    return {std::move(dw1), std::move(dw2)};
  }

  // One gradient in memory at a time.
  void sum_of_squares(std::size_t leaf, Tensor& sums, std::int64_t index) const override {
    const Tensor dw = kernels::binary_branch_gradient(pair_.dt, pair_.w1, pair_.w2, pair_.scale, rule_,
                                                      static_cast<int>(leaf));
    kernels::sum_of_squares(dw, sums, index);
  }

  Tensor linear_in() const override { return pair_.dt; }

  void apply_all(const kernels::AdamStep& step, std::span<AdamUpdate> updates) const override {
    for (auto& [rule, pairs] : by_rule<kernels::AdamBranchPair>(updates)) {
      kernels::adam_branch_step(pairs, rule, step);
    }
  }

  void apply_all(const kernels::SgdStep& step, std::span<SgdUpdate> updates) const override {
    for (auto& [rule, pairs] : by_rule<kernels::SgdBranchPair>(updates)) {
      kernels::sgd_branch_step(pairs, rule, step);
    }
  }

 private:
  // The pairs of all updates, with the states of their two leaves.
  template <class Pair, class Update>
  static std::map<WeightGradientRule, std::vector<Pair>> by_rule(std::span<Update> updates) {
    std::map<WeightGradientRule, std::vector<Pair>> pairs;
    for (Update& update : updates) {
      const auto& of = static_cast<const BranchGradient&>(*update.gradient);
      pairs[of.rule_].push_back({of.pair_, update.states.at(0), update.states.at(1)});
      update.done = true;
    }
    return pairs;
  }

  kernels::BranchPair pair_;
  WeightGradientRule rule_;
};

// One filter of floats as a pair of branches; see sttn.h.
void split_filter(std::int64_t n, const float* w, float* w1, float* w2) {
  double sum = 0, above = 0, larger = 0;  // of |W|, of the |W| above Delta, of max(|W|, Delta)
  for (std::int64_t i = 0; i < n; ++i) sum += std::abs(w[i]);
  const double delta = double{kernels::kTwnThreshold} * sum / static_cast<double>(n);
  std::int64_t count_above = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const double magnitude = std::abs(w[i]);
    larger += std::max(magnitude, delta);
    if (magnitude <= delta) continue;
    above += magnitude;
    ++count_above;
  }
  const double scale = count_above > 0 ? above / static_cast<double>(count_above) : 0;
  const double c = larger > 0 ? scale * static_cast<double>(n) / (2 * larger) : 1;
  for (std::int64_t i = 0; i < n; ++i) {
    w1[i] = static_cast<float>(c * (w[i] + delta));
    w2[i] = static_cast<float>(c * (w[i] - delta));
  }
}

std::pair<Tensor, Tensor> branches_of(const Tensor& w) {
  std::pair<Tensor, Tensor> branches{Tensor::empty_like(w), Tensor::empty_like(w)};
  const std::int64_t filters = w.dim(0), n = filters == 0 ? 0 : w.numel() / filters;
  for (std::int64_t o = 0; o < filters; ++o) {
    split_filter(n, w.data<float>() + o * n, branches.first.data<float>() + o * n,
                 branches.second.data<float>() + o * n);
  }
  return branches;
}

class SttnWeights : public TernaryWeights {
 public:
  SttnWeights(const Shape& shape, bool bias, WeightGradientRule rule)
      : rule_(rule),
        branch1_(add_module("1", std::make_unique<Branch>(shape, bias), '_')),
        branch2_(add_module("2", std::make_unique<Branch>(shape, bias), '_')) {}

  std::string method() const override { return "sttn"; }

  TernaryVariables ternarise() override {
    return binary_branch_weights(branch1_.weight, branch2_.weight, rule_);
  }

  Variable bias() const override {
    return branch1_.bias.defined() ? add(branch1_.bias, branch2_.bias) : Variable();
  }

  FloatWeights to_float() const override {
    const NoGrad no_grad;
    const Variable b = bias();
    return {kernels::weighted_sum(0.5F, branch1_.weight.value(), 0.5F, branch2_.weight.value()),
            b.defined() ? b.value() : Tensor()};
  }

  void start_from(const FloatWeights& layer) override {
    const auto [w1, w2] = branches_of(layer.weight.to(Device{}));
    branch1_.weight.mutable_value().copy_from(w1);
    branch2_.weight.mutable_value().copy_from(w2);
    if (!branch1_.bias.defined() || !layer.bias.defined()) return;
    for (Variable bias : {branch1_.bias, branch2_.bias}) {
      bias.mutable_value().copy_from(kernels::weighted_sum(0.5F, layer.bias));
    }
  }

 private:
  WeightGradientRule rule_;
  Branch& branch1_;
  Branch& branch2_;
};

}  // namespace

const std::vector<std::string>& weight_gradient_rule_names() {
  static const std::vector<std::string> names = {"official", "exact", "polynomial"};  // as in the enum
  return names;
}

WeightGradientRule weight_gradient_rule(const std::string& name) {
  const std::vector<std::string>& names = weight_gradient_rule_names();
  const auto found = std::find(names.begin(), names.end(), name);
  require<ConfigError>(found != names.end(), "weight_gradient: there is no rule '{}'; expected one of {}",
                       name, fmt::join(names, ", "));
  return static_cast<WeightGradientRule>(found - names.begin());
}

TernaryVariables binary_branch_weights(Variable w1, Variable w2, WeightGradientRule rule) {
  auto weights = kernels::binary_branch_weights(w1.mutable_value(), w2.mutable_value());
  Variable ternary =
      Tape::record("binary_branch_weights", std::move(weights.ternary), {w1, w2}, {},
                   [w1, w2, scale = weights.scale, rule](Tensor dt, const Saved&) {
                     const kernels::BranchPair pair{w1.value(), w2.value(), std::move(dt), scale};
                     Tape::defer(std::make_shared<BranchGradient>(pair, rule), {w1, w2});
                     return std::vector<Tensor>(2);
                   });
  return {std::move(ternary), Variable(std::move(weights.scale))};
}

TernaryMethod sttn(WeightGradientRule rule) {
  return [rule](const Shape& shape, bool bias) { return std::make_unique<SttnWeights>(shape, bias, rule); };
}

}  // namespace tern
