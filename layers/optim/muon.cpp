#include "tern/layers/optim/muon.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tern/core/error.h"
#include "tern/kernels/sum_of_squares.h"
#include "tern/kernels/weighted_sum.h"
#include "tern/layers/optim/newton_schulz.h"

namespace tern {
namespace {

bool is_convolution(const Shape& shape) {
  return shape.rank() == 4;
}

bool is_other(const Shape& shape) {
  return !is_convolution(shape);
}

Tensor as_matrix(const Tensor& w, std::int64_t rows) {
  return w.reshape({rows, rows == 0 ? 0 : w.numel() / rows});
}

}  // namespace

Muon::Muon(const std::vector<ParameterGroup>& groups, const MuonConfig& config)
    : Optimizer(groups, config.adam.weight_decay), config_(config) {
  require<ConfigError>(config.momentum > 0 && config.momentum < 1, "muon: momentum is {}, expected (0, 1)",
                       config.momentum);
  require<ConfigError>(config.adam_lr_factor > 0 && std::isfinite(config.adam_lr_factor),
                       "muon: adam_lr_factor is {}, expected more than 0", config.adam_lr_factor);
  check_adam(config.adam);
  momentum_buffers_ = add_state("momentum_buffer", is_convolution);
  exp_avg_ = add_state("exp_avg", is_other);
  exp_avg_sq_ = add_state("exp_avg_sq", is_other);
}

kernels::AdamStep Muon::adam_step(const StepSettings& settings) const {
  kernels::AdamStep step;
  step.lr = settings.lr * config_.adam_lr_factor;
  step.beta1 = config_.adam.beta1;
  step.beta2 = config_.adam.beta2;
  step.eps = config_.adam.eps;
  step.weight_decay = settings.weight_decay;
  step.decoupled = true;
  step.gradient_scale = settings.gradient_scale;
  step.t = step_count();
  return step;
}

void Muon::update(const std::vector<Update>& updates, const StepSettings& settings) {
  std::vector<Update> matrices;
  std::vector<kernels::AdamParameter> others;
  for (const Update& update : updates) {
    if (is_convolution(update.w.shape())) {
      matrices.push_back(update);
    } else {
      others.push_back({update.w, update.dw, exp_avg_[update.index], exp_avg_sq_[update.index]});
    }
  }
  if (!matrices.empty()) update_matrices(matrices, settings);
  if (!others.empty()) kernels::adam_step(others, adam_step(settings));
}

void Muon::update(std::vector<DeferredUpdate>& updates, const StepSettings& settings) {
  apply_fused(updates, adam_step(settings), [this](std::size_t i) {
    return kernels::AdamMoments{exp_avg_[i], exp_avg_sq_[i]};
  });
}

bool Muon::has_fused_step(std::size_t index) const {
  return exp_avg_[index].defined();
}

Tensor Muon::with_momentum(const Update& update, double gradient_scale) {
  const auto beta = static_cast<float>(config_.momentum);
  const Tensor g = kernels::weighted_sum(static_cast<float>(gradient_scale), update.dw);
  Tensor& momentum = momentum_buffers_[update.index];
  std::vector<kernels::MovingAverage> average{{momentum, g}};
  kernels::update_averages(average, beta);
  return config_.nesterov ? kernels::weighted_sum(1 - beta, g, beta, momentum) : momentum.clone();
}

void Muon::update_matrices(const std::vector<Update>& updates, const StepSettings& settings) {
  std::vector<Tensor> matrices;
  Tensor sums =
      Tensor::zeros({static_cast<std::int64_t>(updates.size())}, DType::i64, updates.front().w.device());
  for (const Update& update : updates) {
    matrices.push_back(as_matrix(with_momentum(update, settings.gradient_scale), update.w.dim(0)));
    kernels::sum_of_squares(matrices.back(), sums, static_cast<std::int64_t>(matrices.size()) - 1);
  }
  const std::vector<double> norms = kernels::read_sums(sums);
  const auto kept = static_cast<float>(1 - settings.lr * settings.weight_decay);
  for (std::size_t i = 0; i < updates.size(); ++i) {
    constexpr double kGuard = 1e-7;  // against a norm of zero
    const Tensor& matrix = matrices[i];
    if (matrix.numel() == 0) continue;
    const auto per_norm = static_cast<float>(1 / (std::sqrt(norms[i]) + kGuard));
    const Tensor x = orthogonalised(kernels::weighted_sum(per_norm, matrix));
    const double ratio = static_cast<double>(matrix.dim(0)) / static_cast<double>(matrix.dim(1));
    const auto rate = static_cast<float>(settings.lr * std::sqrt(std::max(1.0, ratio)));
    Tensor w = updates[i].w;
    w.copy_from(kernels::weighted_sum(kept, w, -rate, x.reshape(w.shape())));
  }
}

}  // namespace tern
