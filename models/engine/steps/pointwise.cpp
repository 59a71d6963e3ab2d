#include "tern/models/engine/steps/pointwise.h"

#include <algorithm>

#include "tern/kernels/common/batch_norm_formulas.h"
#include "tern/kernels/common/prelu_formulas.h"
#include "tern/kernels/common/ternarise.h"
#include "tern/kernels/common/threshold_activation_formulas.h"

namespace tern::engine {

using graph::Operator;

PointwiseStep::PointwiseStep(ModelReader& model, const graph::Node& node, const ActivationMap& x,
                             const ActivationMap& result)
    : op_(node.op), x_(x), result_(result) {
  if (op_ == Operator::batch_norm) norm_ = model.batch_norm(node);
  if (op_ == Operator::prelu || op_ == Operator::rprelu) slope_ = model.floats(node, "weight");
  if (op_ == Operator::rprelu) {
    shift_ = model.floats(node, "shift");
    bias_ = model.floats(node, "bias");
  }
  if (op_ == Operator::threshold_activation) {
    low_ = model.floats(node, "low");
    high_ = model.floats(node, "high");
  }
}

void PointwiseStep::run(const Run& run, const Member& member) const {
  const Member::Range rows = member.share_of(result_.height);
  const std::ptrdiff_t begin = rows.first * x_.row_values(), end = rows.last * x_.row_values();
  for (std::ptrdiff_t at = begin; at < end; at += x_.channels) {
    run_pixel(run.floats(x_) + at, run.floats(result_) + at);
  }
}

// A NaN stays one, so that it is noticed in the logits.
void PointwiseStep::run_pixel(const float* x, float* y) const {
  const auto each = [&](const auto& function) {
    for (int c = 0; c < x_.channels; ++c) y[c] = function(x[c], static_cast<std::size_t>(c));
  };
  switch (op_) {
    case Operator::batch_norm:
      return each([&](float v, std::size_t c) {
        return kernels::normalised(kernels::centred(v, 1.0F, norm_.mean[c]), norm_.gain[c], norm_.beta[c]);
      });
    case Operator::prelu:
      return each([&](float v, std::size_t c) { return kernels::prelu_value(v, slope_[c]); });
    case Operator::rprelu:
      return each(
          [&](float v, std::size_t c) { return kernels::prelu_value(v + shift_[c], slope_[c]) + bias_[c]; });
    case Operator::relu:
      return each([](float v, std::size_t) { return v < 0 ? 0.0F : v; });
    case Operator::hardtanh:
      return each([](float v, std::size_t) { return v < -1 ? -1.0F : v > 1 ? 1.0F : v; });
    case Operator::ternary_activation:
      return each([](float v, std::size_t) { return static_cast<float>(kernels::ternarise(v)); });
    case Operator::threshold_activation:
      return each([&](float v, std::size_t c) {
        return static_cast<float>(kernels::ternary_between(v, low_[c], high_[c]));
      });
    case Operator::binary_activation:
      return each([](float v, std::size_t) { return static_cast<float>(kernels::binarise(v)); });
    case Operator::input:
    case Operator::conv2d:
    case Operator::linear:
    case Operator::ternary_conv2d:
    case Operator::ternary_linear:
    case Operator::add:
    case Operator::max_pool2d:
    case Operator::avg_pool2d:
    case Operator::global_avg_pool2d:
    case Operator::pad_channels:
    case Operator::flatten:
      return;  // not given to it by Plan::make_alone
  }
}

void AddStep::run(const Run& run, const Member& member) const {
  const Member::Range rows = member.share_of(result_.height);
  const float *a = run.floats(a_), *b = run.floats(b_);
  float* y = run.floats(result_);
  const std::ptrdiff_t end = rows.last * result_.row_values();
  for (std::ptrdiff_t i = rows.first * result_.row_values(); i < end; ++i) y[i] = a[i] + b[i];
}

void PadChannelsStep::run(const Run& run, const Member& member) const {
  const Member::Range rows = member.share_of(result_.height);
  const float* x = run.floats(x_) + rows.first * x_.row_values();
  float *y = run.floats(result_) + rows.first * result_.row_values(),
        *end = run.floats(result_) + rows.last * result_.row_values();
  for (; y < end; x += x_.channels, y += result_.channels) {
    std::copy_n(x, x_.channels, y);
    std::fill(y + x_.channels, y + result_.channels, 0.0F);
  }
}

}  // namespace tern::engine
