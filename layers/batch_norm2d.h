#pragma once

#include "tern/layers/functions/batch_norm.h"
#include "tern/layers/module.h"

namespace tern {

/// Batch normalisation over the channels of NHWC images, as torch.nn.BatchNorm2d: parameters weight (1) and
/// bias (0), buffers running_mean (0), running_var (1), num_batches_tracked; momentum 0.1, eps 1e-5.
class BatchNorm2d : public Module {
 public:
  explicit BatchNorm2d(std::int64_t channels);
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

  /// What the fused functions of layers/functions/batch_norm.h take in place of forward(). In training it
  /// counts one more batch. `input_bias`: a bias of the layer before, or undefined.
  BatchNormArguments arguments(Tensor input_bias = Tensor());

  const Tensor& running_mean() const { return running_mean_; }

 private:
  Variable& weight_;
  Variable& bias_;
  Tensor& running_mean_;
  Tensor& running_variance_;
  Tensor& batches_tracked_;
};

}  // namespace tern
