#pragma once

#include <utility>
#include <vector>

#include "tern/layers/optim/optimizer.h"

namespace tern {

struct SgdConfig {
  double momentum = 0;      ///< In [0, 1).
  double weight_decay = 0;  ///< L2, added to the gradient.
  bool nesterov = false;    ///< Needs momentum.
};

/// torch.optim.SGD without dampening; the formula is that of kernels/sgd_step.h. State, with momentum:
/// "<parameter>.momentum_buffer".
class Sgd : public Optimizer {
 public:
  /// Throws ConfigError if a field is out of its range.
  Sgd(const std::vector<ParameterGroup>& groups, const SgdConfig& config);
  /// All parameters in one group.
  Sgd(NamedVariables parameters, const SgdConfig& config)
      : Sgd(std::vector<ParameterGroup>{{.parameters = std::move(parameters)}}, config) {}

 private:
  void update(const std::vector<Update>& updates, const StepSettings& settings) override;
  void update(std::vector<DeferredUpdate>& updates, const StepSettings& settings) override;
  kernels::SgdStep step_of(const StepSettings& settings) const;
  Tensor momentum_buffer(std::size_t index) const;  // undefined without momentum

  SgdConfig config_;
  std::vector<Tensor> momentum_buffers_;  // empty without momentum
};

}  // namespace tern
