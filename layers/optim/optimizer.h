// Optimizer: the rule that turns gradients into new parameters.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
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
  /// Updates all leaves of `gradient`, the parameters `indices`, in one fused step; false, and nothing is
  /// done, if it has none.
  virtual bool update(DeferredGradient& gradient, const std::vector<std::size_t>& indices,
                      const StepSettings& settings) = 0;

 private:
  struct GroupSettings {
    double lr_factor;
    double weight_decay;
    auto operator<=>(const GroupSettings&) const = default;
  };
  struct DeferredUpdate {
    std::shared_ptr<DeferredGradient> gradient;
    std::vector<std::size_t> indices;  // of the parameters that are its leaves, in their order
  };
  std::vector<DeferredUpdate> deferred_updates() const;
  bool settings_are_equal(const std::vector<std::size_t>& indices) const;

  NamedVariables parameters_;
  std::vector<GroupSettings> settings_;  // of each parameter
  NamedTensors state_;
  Tensor step_count_;  // i64 (1), the state's "step"
};

}  // namespace tern
