#include "tern/layers/optim/optimizer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <typeindex>
#include <utility>

#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern {

Optimizer::Optimizer(const std::vector<ParameterGroup>& groups, double weight_decay)
    : step_count_(Tensor::zeros({1}, DType::i64)) {
  for (const ParameterGroup& group : groups) {
    const GroupSettings settings{group.lr_factor, group.weight_decay.value_or(weight_decay)};
    require<ConfigError>(std::isfinite(settings.lr_factor) && settings.lr_factor >= 0,
                         "Optimizer: lr_factor is {}, expected 0 or more", settings.lr_factor);
    require<ConfigError>(std::isfinite(settings.weight_decay) && settings.weight_decay >= 0,
                         "Optimizer: weight_decay is {}, expected 0 or more", settings.weight_decay);
    parameters_.insert(parameters_.end(), group.parameters.begin(), group.parameters.end());
    settings_.resize(parameters_.size(), settings);
  }
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
  std::map<GroupSettings, std::vector<Update>> updates;
  const auto add_update = [&](std::size_t i, Tensor dw) {
    updates[settings_[i]].push_back({i, parameters_[i].second.mutable_value(), std::move(dw)});
  };
  const auto step_settings = [&](const GroupSettings& group) {
    return StepSettings{lr * group.lr_factor, group.weight_decay, gradient_scale};
  };
  const auto add_updates = [&](const DeferredUpdate& deferred) {
    std::vector<Tensor> dw = deferred.gradient->materialise();
    for (std::size_t i = 0; i < dw.size(); ++i) add_update(deferred.indices[i], std::move(dw[i]));
  };
  std::map<std::pair<GroupSettings, std::type_index>, std::vector<DeferredUpdate>> fused;
  for (const DeferredUpdate& deferred : deferred_updates()) {
    for (const std::size_t i : deferred.indices) parameters_[i].second.clear_grad();
    if (can_be_fused(deferred.indices)) {
      const DeferredGradient& gradient = *deferred.gradient;
      fused[{settings_[deferred.indices.front()], typeid(gradient)}].push_back(deferred);
    } else {
      add_updates(deferred);
    }
  }
  for (auto& [kind, all] : fused) {
    update(all, step_settings(kind.first));
    for (const DeferredUpdate& deferred : all) {
      if (!deferred.done) add_updates(deferred);
    }
  }
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Variable& parameter = parameters_[i].second;
    if (parameter.has_grad()) add_update(i, parameter.grad());
  }
  for (const auto& [group, group_updates] : updates) update(group_updates, step_settings(group));
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

bool Optimizer::can_be_fused(const std::vector<std::size_t>& indices) const {
  return std::all_of(indices.begin(), indices.end(), [&](std::size_t i) {
    return has_fused_step(i) && settings_[i] == settings_[indices.front()];
  });
}

std::int64_t Optimizer::step_count() const {
  return *step_count_.data<std::int64_t>();
}

void Optimizer::load_state(const std::map<std::string, Tensor>& saved) {
  overwrite_tensors("optimizer state", state_, saved);
}

std::vector<Tensor> Optimizer::add_state(const std::string& slot, bool (*wanted)(const Shape&)) {
  std::vector<Tensor> tensors;
  for (const auto& [name, parameter] : parameters_) {
    tensors.emplace_back();
    if (wanted != nullptr && !wanted(parameter.shape())) continue;
    tensors.back() = Tensor::zeros(parameter.shape(), DType::f32, parameter.value().device());
    state_.emplace_back(name + "." + slot, tensors.back());
  }
  return tensors;
}

}  // namespace tern
