#include "tern/layers/optim/sgd.h"

#include "tern/core/error.h"
#include "tern/kernels/branch_step.h"
#include "tern/kernels/sgd_step.h"

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

void Sgd::update(const std::vector<Update>& updates, const std::vector<BranchUpdate>& branches, double lr,
                 double gradient_scale) {
  kernels::SgdStep step;
  step.lr = static_cast<float>(lr);
  step.momentum = static_cast<float>(config_.momentum);
  step.weight_decay = static_cast<float>(config_.weight_decay);
  step.gradient_scale = static_cast<float>(gradient_scale);
  step.nesterov = config_.nesterov;
  const auto buffer_of = [this](std::size_t index) {
    return momentum_buffers_.empty() ? Tensor() : momentum_buffers_[index];
  };
  std::vector<kernels::SgdParameter> parameters;
  for (const Update& update : updates) {
    parameters.push_back({update.w, update.dw, buffer_of(update.index)});
  }
  kernels::sgd_step(parameters, step);
  for (const auto& [index, gradient] : branches) {
    kernels::BranchPair pair = gradient->pair();
    Tensor buffer1 = buffer_of(index[0]), buffer2 = buffer_of(index[1]);
    kernels::sgd_branch_step(pair, gradient->rule(), buffer1, buffer2, step);
  }
}

}  // namespace tern
