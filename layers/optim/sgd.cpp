#include "tern/layers/optim/sgd.h"

#include "tern/core/error.h"
#include "tern/kernels/sgd_step.h"

namespace tern {

Sgd::Sgd(const std::vector<ParameterGroup>& groups, const SgdConfig& config)
    : Optimizer(groups, config.weight_decay), config_(config) {
  require<ConfigError>(config.momentum >= 0 && config.momentum < 1, "sgd: momentum is {}, expected [0, 1)",
                       config.momentum);
  require<ConfigError>(!config.nesterov || config.momentum > 0, "sgd: nesterov needs a momentum above 0");
  if (config.momentum > 0) momentum_buffers_ = add_state("momentum_buffer");
}

kernels::SgdStep Sgd::step_of(const StepSettings& settings) const {
  kernels::SgdStep step;
  step.lr = static_cast<float>(settings.lr);
  step.momentum = static_cast<float>(config_.momentum);
  step.weight_decay = static_cast<float>(settings.weight_decay);
  step.gradient_scale = static_cast<float>(settings.gradient_scale);
  step.nesterov = config_.nesterov;
  return step;
}

Tensor Sgd::momentum_buffer(std::size_t index) const {
  return momentum_buffers_.empty() ? Tensor() : momentum_buffers_[index];
}

void Sgd::update(const std::vector<Update>& updates, const StepSettings& settings) {
  std::vector<kernels::SgdParameter> parameters;
  for (const Update& update : updates) {
    parameters.push_back({update.w, update.dw, momentum_buffer(update.index)});
  }
  kernels::sgd_step(parameters, step_of(settings));
}

void Sgd::update(std::vector<DeferredUpdate>& updates, const StepSettings& settings) {
  apply_fused(updates, step_of(settings), [this](std::size_t i) { return momentum_buffer(i); });
}

}  // namespace tern
