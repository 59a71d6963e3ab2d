#include "tern/layers/optim/optimizer.h"

#include <cmath>
#include <set>

#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern {

Optimizer::Optimizer(NamedVariables parameters)
    : parameters_(std::move(parameters)), step_count_(Tensor::zeros({1}, DType::i64)) {
  std::set<std::string> names;
  for (const auto& [name, parameter] : parameters_) {
    require<ShapeError>(names.insert(name).second, "Optimizer: parameter '{}' is listed twice", name);
    require<ShapeError>(parameter.requires_grad() && parameter.value().dtype() == DType::f32,
                        "Optimizer: parameter '{}' is not an f32 variable that requires a gradient", name);
  }
  state_.emplace_back("step", step_count_);
}

void Optimizer::step(double lr, double gradient_scale) {
  require<NumericError>(std::isfinite(lr) && std::isfinite(gradient_scale),
                        "Optimizer: learning rate {} or gradient scale {} is not finite", lr, gradient_scale);
  ++*step_count_.data<std::int64_t>();
  const std::vector<BranchUpdate> branches = take_pairs();
  std::vector<Update> updates;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    Variable& parameter = parameters_[i].second;
    if (parameter.grad().defined()) updates.push_back({i, parameter.mutable_value(), parameter.grad()});
  }
  update(updates, branches, lr, gradient_scale);
}

// The pairs whose branches are both parameters here and both wait for their gradient, which they lose.
std::vector<Optimizer::BranchUpdate> Optimizer::take_pairs() {
  std::vector<BranchUpdate> pairs;
  std::map<const BranchGradient*, std::size_t> first_branches;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const GradientOfPair& of = parameters_[i].second.grad_of_pair();
    if (!of.gradient) continue;
    const auto [first, is_first] = first_branches.emplace(of.gradient.get(), i);
    if (is_first) continue;
    pairs.push_back({{i, i}, of.gradient});
    pairs.back().index[1 - of.branch] = first->second;
  }
  for (const BranchUpdate& pair : pairs) {
    for (const std::size_t i : pair.index) parameters_[i].second.clear_grad();
  }
  return pairs;
}

std::int64_t Optimizer::step_count() const {
  return *step_count_.data<std::int64_t>();
}

void Optimizer::load_state(const std::map<std::string, Tensor>& saved) {
  overwrite_tensors("optimizer state", state_, saved);
}

std::vector<Tensor> Optimizer::add_state(const std::string& slot) {
  std::vector<Tensor> tensors;
  for (const auto& [name, parameter] : parameters_) {
    tensors.push_back(Tensor::zeros(parameter.shape(), DType::f32, parameter.value().device()));
    state_.emplace_back(name + "." + slot, tensors.back());
  }
  return tensors;
}

}  // namespace tern
