// Optimizer: the rule that turns gradients into new parameters.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tern/layers/autograd/branch_gradient.h"
#include "tern/layers/named_tensors.h"

namespace tern {

class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Updates in place every parameter that has a gradient; the others, and their state, stay as they are.
  /// Gradients are not changed: they are multiplied by `gradient_scale` (see clip.h) as they are read. Those
  /// of a pair of binary branches for which nobody has asked are used up, for they depend on the old weights.
  /// Throws NumericError if `lr` or `gradient_scale` is not finite.
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
  /// Both latent weights of a pair, by the gradient of their T.
  struct BranchUpdate {
    std::size_t index[2];  ///< Of the parameters w1 and w2.
    std::shared_ptr<const BranchGradient> gradient;
  };
  /// Updates each `w` by its gradient, all at once: on a GPU launches count. step_count() counts this step
  /// already.
  virtual void update(const std::vector<Update>& updates, const std::vector<BranchUpdate>& branches,
                      double lr, double gradient_scale) = 0;

 private:
  std::vector<BranchUpdate> take_pairs();

  NamedVariables parameters_;
  NamedTensors state_;
  Tensor step_count_;  // i64 (1), the state's "step"
};

}  // namespace tern
