// Optimizer: the rule that turns gradients into new parameters.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "tern/layers/autograd/deferred_gradient.h"
#include "tern/layers/named_tensors.h"

namespace tern {

/// Parameters that are treated alike, as PyTorch's param_groups.
struct ParameterGroup {
  NamedVariables parameters;
  double lr_factor = 1;                     ///< Multiplies the learning rate; 0 or more.
  std::optional<double> weight_decay = {};  ///< Instead of that in the optimiser's configuration.
};

class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Updates in place every parameter that has a gradient; the others, and their state, stay as they are.
  /// Gradients are not changed: they are multiplied by `gradient_scale` (see clip.h) as they are read.
  /// Deferred ones are cleared, for they depend on the old weights; they take a fused step where they have
  /// one. Throws NumericError if `lr` or `gradient_scale` is not finite.
  void step(double lr, double gradient_scale = 1.0);

  /// Calls of step() so far, those before a load_state() included.
  std::int64_t step_count() const;

  /// What a checkpoint has to keep: "step" (i64, one element) and "<parameter>.<slot>" tensors, sharing the
  /// storage of the optimiser's own.
  const NamedTensors& state() const { return state_; }
  /// Overwrites the state. Throws DataError listing all that differs; then nothing is loaded.
  void load_state(const std::map<std::string, Tensor>& saved);

 protected:
  /// `weight_decay` holds for groups without one. Throws ShapeError for a parameter that is undefined, not
  /// f32, listed twice or not trainable, and ConfigError for a factor or decay that is negative or not
  /// finite.
  Optimizer(const std::vector<ParameterGroup>& groups, double weight_decay);

  /// One tensor of zeros for each parameter whose shape is `wanted` (null: all), in their order, undefined
  /// for the others; part of state() as "<parameter>.<slot>".
  std::vector<Tensor> add_state(const std::string& slot, bool (*wanted)(const Shape&) = nullptr);

  struct Update {
    std::size_t index;  ///< Of the parameter.
    Tensor w;
    Tensor dw;
  };
  /// The numbers of a step that its parameters share.
  struct StepSettings {
    double lr;
    double weight_decay;
    double gradient_scale;
  };
  /// Updates each `w` by its gradient, all at once: on a GPU launches count. step_count() counts this step
  /// already.
  virtual void update(const std::vector<Update>& updates, const StepSettings& settings) = 0;
  struct DeferredUpdate {
    std::shared_ptr<DeferredGradient> gradient;
    std::vector<std::size_t> indices;  ///< Of the parameters that are its leaves, in their order.
    bool done = false;
  };
  /// Updates all leaves of those gradients that have a fused step, and sets `done` of these. All gradients
  /// are of one class, and has_fused_step() of all their leaves.
  virtual void update(std::vector<DeferredUpdate>& updates, const StepSettings& settings) = 0;
  /// The same for an optimiser whose step is kernels::adam_step or kernels::sgd_step and which keeps
  /// state_of(index) of each parameter.
  template <class Step, class StateOf>
  static void apply_fused(std::vector<DeferredUpdate>& updates, const Step& step, const StateOf& state_of);
  /// True if the parameter is one for which update() of deferred gradients is meant.
  virtual bool has_fused_step(std::size_t) const { return true; }

 private:
  struct GroupSettings {
    double lr_factor;
    double weight_decay;
    auto operator<=>(const GroupSettings&) const = default;
  };
  std::vector<DeferredUpdate> deferred_updates() const;
  bool can_be_fused(const std::vector<std::size_t>& indices) const;

  NamedVariables parameters_;
  std::vector<GroupSettings> settings_;  // of each parameter
  NamedTensors state_;
  Tensor step_count_;  // i64 (1), the state's "step"
};

template <class Step, class StateOf>
void Optimizer::apply_fused(std::vector<DeferredUpdate>& updates, const Step& step, const StateOf& state_of) {
  using State = std::invoke_result_t<StateOf, std::size_t>;
  std::vector<FusedUpdate<State>> fused;
  for (const DeferredUpdate& update : updates) {
    FusedUpdate<State>& last = fused.emplace_back(FusedUpdate<State>{update.gradient.get(), {}});
    for (const std::size_t i : update.indices) last.states.push_back(state_of(i));
  }
  fused.front().gradient->apply_all(step, fused);
  for (std::size_t i = 0; i < updates.size(); ++i) updates[i].done = fused[i].done;
}

}  // namespace tern
