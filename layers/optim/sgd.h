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
  void update(const std::vector<Update>& updates, double lr, double gradient_scale) override;
  bool update(DeferredGradient& gradient, const std::vector<std::size_t>& indices, double lr,
              double gradient_scale) override;
  kernels::SgdStep step_of(double lr, double gradient_scale) const;
  Tensor momentum_buffer(std::size_t index) const;  // undefined without momentum

  SgdConfig config_;
  std::vector<Tensor> momentum_buffers_;  // empty without momentum
};

}  // namespace tern
