// Optimizer: the rule that turns gradients into new parameters.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tern/layers/autograd/deferred_gradient.h"
#include "tern/layers/named_tensors.h"

namespace tern {

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
  /// Throws ShapeError for a parameter that is undefined, not f32, listed twice or not trainable.
  explicit Optimizer(NamedVariables parameters);

  /// One tensor of zeros for each parameter, in their order; part of state() as "<parameter>.<slot>".
  std::vector<Tensor> add_state(const std::string& slot);

  struct Update {
    std::size_t index;  ///< Of the parameter.
    Tensor w;
    Tensor dw;
  };
  /// Updates each `w` by its gradient, all at once: on a GPU launches count. step_count() counts this step
  /// already.
  virtual void update(const std::vector<Update>& updates, double lr, double gradient_scale) = 0;
  /// Updates all leaves of `gradient`, the parameters `indices`, in one fused step; false, and nothing is
  /// done, if it has none.
  virtual bool update(DeferredGradient& gradient, const std::vector<std::size_t>& indices, double lr,
                      double gradient_scale) = 0;

 private:
  struct DeferredUpdate {
    std::shared_ptr<DeferredGradient> gradient;
    std::vector<std::size_t> indices;  // of the parameters that are its leaves, in their order
  };
  std::vector<DeferredUpdate> deferred_updates() const;

  NamedVariables parameters_;
  NamedTensors state_;
  Tensor step_count_;  // i64 (1), the state's "step"
};

}  // namespace tern
