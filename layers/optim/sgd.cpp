#include "layers/optim/sgd.h"

#include "core/error.h"
#include "kernels/sgd_step.h"

namespace tern {

Sgd::Sgd(NamedVariables parameters, const SgdConfig& config)
    : Optimizer(std::move(parameters)), config_(config) {
  require<ConfigError>(config.momentum >= 0 && config.momentum < 1, "sgd: momentum is {}, expected [0, 1)",
                       config.momentum);
  require<ConfigError>(config.weight_decay >= 0, "sgd: weight_decay is {}, expected 0 or more",
                       config.weight_decay);
  require<ConfigError>(!config.nesterov || config.momentum > 0, "sgd: nesterov needs a momentum above 0");
  if (config.momentum > 0) momentum_buffers_ = add_state("momentum_buffer");
}

void Sgd::update(std::size_t index, Tensor& w, const Tensor& dw, double lr, double gradient_scale) {
  kernels::SgdStep step;
  step.lr = static_cast<float>(lr);
  step.momentum = static_cast<float>(config_.momentum);
  step.weight_decay = static_cast<float>(config_.weight_decay);
  step.gradient_scale = static_cast<float>(gradient_scale);
  step.nesterov = config_.nesterov;
  Tensor buffer = momentum_buffers_.empty() ? Tensor() : momentum_buffers_[index];
  kernels::sgd_step(w, dw, buffer, step);
}

}  // namespace tern
