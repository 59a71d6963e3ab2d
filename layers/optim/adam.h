#pragma once

#include <utility>
#include <vector>

#include "tern/layers/optim/optimizer.h"

namespace tern {

struct AdamConfig {
  double beta1 = 0.9;                   ///< In [0, 1).
  double beta2 = 0.999;                 ///< In [0, 1).
  double eps = 1e-8;                    ///< Above 0.
  double weight_decay = 0;              ///< L2, added to the gradient, or decoupled from it.
  bool decoupled_weight_decay = false;  ///< AdamW.
};

/// Throws ConfigError if a field is out of its range.
void check_adam(const AdamConfig& config);

/// torch.optim.Adam and AdamW; the formula is that of kernels/adam_step.h. State: "<parameter>.exp_avg" and
/// "<parameter>.exp_avg_sq". Unlike PyTorch's, the step count of the bias correction is common to all
/// parameters; it differs for those that had no gradient in some steps.
class Adam : public Optimizer {
 public:
  /// Throws ConfigError if a field is out of its range.
  Adam(const std::vector<ParameterGroup>& groups, const AdamConfig& config);
  /// All parameters in one group.
  Adam(NamedVariables parameters, const AdamConfig& config)
      : Adam(std::vector<ParameterGroup>{{.parameters = std::move(parameters)}}, config) {}

 private:
  void update(const std::vector<Update>& updates, const StepSettings& settings) override;
  void update(std::vector<DeferredUpdate>& updates, const StepSettings& settings) override;
  kernels::AdamStep step_of(const StepSettings& settings) const;

  AdamConfig config_;
  std::vector<Tensor> exp_avg_;
  std::vector<Tensor> exp_avg_sq_;
};

}  // namespace tern
