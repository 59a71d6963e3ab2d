// Muon (Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024): momentum whose
// matrix is brought near to an orthogonal one before it becomes the update. For each convolution, its weight
// (O, KH, KW, I) as a matrix of O rows and n = KH * KW * I columns, with the gradient g and the momentum b:
//   m = m + (1 - b) (g - m);  u = m, or with Nesterov's momentum (1 - b) g + b m
//   X = orthogonalised(u / (|u| + 1e-7)), |u| the Frobenius norm, by Newton and Schulz (newton_schulz.h)
//   w = (1 - lr weight_decay) w - lr sqrt(max(1, O / n)) X
#pragma once

#include "tern/layers/optim/adam.h"

namespace tern {

struct MuonConfig {
  double momentum = 0.95;     ///< In (0, 1).
  bool nesterov = true;       ///< As the authors recommend.
  double adam_lr_factor = 1;  ///< AdamW's learning rate in units of Muon's; above 0.
  AdamConfig adam = {};       ///< Of the other parameters; always decoupled. Its weight decay is for both.
};

/// Muon for convolution weights (of rank 4), in floats or latent, and AdamW for all other parameters. State:
/// "<parameter>.momentum_buffer" of the former, AdamW's of the latter. On a GPU the host waits once a step,
/// for the norms.
class Muon : public Optimizer {
 public:
  /// Throws ConfigError if a field is out of its range.
  Muon(const std::vector<ParameterGroup>& groups, const MuonConfig& config);

 private:
  void update(const std::vector<Update>& updates, const StepSettings& settings) override;
  void update(std::vector<DeferredUpdate>& updates, const StepSettings& settings) override;
  bool has_fused_step(std::size_t index) const override;
  void update_matrices(const std::vector<Update>& updates, const StepSettings& settings);
  /// What becomes of the gradient by the momentum, of the shape of the parameter.
  Tensor with_momentum(const Update& update, double gradient_scale);
  kernels::AdamStep adam_step(const StepSettings& settings) const;

  MuonConfig config_;
  // Of each parameter; undefined where it is the other's.
  std::vector<Tensor> momentum_buffers_, exp_avg_, exp_avg_sq_;
};

}  // namespace tern
