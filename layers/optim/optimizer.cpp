#include "tern/layers/optim/optimizer.h"

#include <algorithm>
#include <cmath>
#include <limits>
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
  std::vector<Update> updates;
  const auto add_update = [&](std::size_t i, Tensor dw) {
    updates.push_back({i, parameters_[i].second.mutable_value(), std::move(dw)});
  };
  for (const auto& [gradient, indices] : deferred_updates()) {
    if (!update(*gradient, indices, lr, gradient_scale)) {
      std::vector<Tensor> dw = gradient->materialise();
      for (std::size_t i = 0; i < indices.size(); ++i) add_update(indices[i], std::move(dw[i]));
    }
    for (const std::size_t i : indices) parameters_[i].second.clear_grad();
  }
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Variable& parameter = parameters_[i].second;
    if (parameter.has_grad()) add_update(i, parameter.grad());
  }
  update(updates, lr, gradient_scale);
}

// Those whose leaves are all parameters here and still have it. The others keep their values from before the
// step.
std::vector<Optimizer::DeferredUpdate> Optimizer::deferred_updates() const {
  constexpr std::size_t kMissing = std::numeric_limits<std::size_t>::max();
  std::vector<DeferredUpdate> all, complete;
  std::map<const DeferredGradient*, std::size_t> positions;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const DeferredShare& share = parameters_[i].second.deferred_grad();
    if (!share.gradient) continue;
    const auto [position, is_new] = positions.emplace(share.gradient.get(), all.size());
    if (is_new) all.push_back({share.gradient, std::vector<std::size_t>(share.gradient->leaves(), kMissing)});
    all[position->second].indices[share.leaf] = i;
  }
  for (DeferredUpdate& update : all) {
    if (std::count(update.indices.begin(), update.indices.end(), kMissing) == 0) {
      complete.push_back(std::move(update));
    } else {
      update.gradient->freeze();
    }
  }
  return complete;
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
