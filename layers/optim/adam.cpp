#include "tern/layers/optim/adam.h"

#include "tern/core/error.h"
#include "tern/kernels/adam_step.h"

namespace tern {

void check_adam(const AdamConfig& config) {
  require<ConfigError>(config.beta1 >= 0 && config.beta1 < 1, "adam: beta1 is {}, expected [0, 1)",
                       config.beta1);
  require<ConfigError>(config.beta2 >= 0 && config.beta2 < 1, "adam: beta2 is {}, expected [0, 1)",
                       config.beta2);
  require<ConfigError>(config.eps > 0, "adam: eps is {}, expected more than 0", config.eps);
}

Adam::Adam(const std::vector<ParameterGroup>& groups, const AdamConfig& config)
    : Optimizer(groups, config.weight_decay), config_(config) {
  check_adam(config);
  exp_avg_ = add_state("exp_avg");
  exp_avg_sq_ = add_state("exp_avg_sq");
}

kernels::AdamStep Adam::step_of(const StepSettings& settings) const {
  kernels::AdamStep step;
  step.lr = settings.lr;
  step.beta1 = config_.beta1;
  step.beta2 = config_.beta2;
  step.eps = config_.eps;
  step.weight_decay = settings.weight_decay;
  step.decoupled = config_.decoupled_weight_decay;
  step.gradient_scale = settings.gradient_scale;
  step.t = step_count();
  return step;
}

void Adam::update(const std::vector<Update>& updates, const StepSettings& settings) {
  std::vector<kernels::AdamParameter> parameters;
  for (const Update& update : updates) {
    parameters.push_back({update.w, update.dw, exp_avg_[update.index], exp_avg_sq_[update.index]});
  }
  kernels::adam_step(parameters, step_of(settings));
}

void Adam::update(std::vector<DeferredUpdate>& updates, const StepSettings& settings) {
  apply_fused(updates, step_of(settings), [this](std::size_t i) {
    return kernels::AdamMoments{exp_avg_[i], exp_avg_sq_[i]};
  });
}

}  // namespace tern
