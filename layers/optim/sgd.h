#pragma once

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
  Sgd(NamedVariables parameters, const SgdConfig& config);

 private:
  void update(const std::vector<Update>& updates, const std::vector<BranchUpdate>& branches, double lr,
              double gradient_scale) override;

  SgdConfig config_;
  std::vector<Tensor> momentum_buffers_;  // empty without momentum
};

}  // namespace tern
