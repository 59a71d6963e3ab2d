#pragma once

#include "tern/layers/functions/avg_pool2d.h"
#include "tern/layers/functions/global_avg_pool2d.h"
#include "tern/layers/functions/max_pool2d.h"
#include "tern/layers/module.h"

namespace tern {

/// torch.nn.MaxPool2d on NHWC: the padding never wins.
class MaxPool2d : public Module {
 public:
  explicit MaxPool2d(const kernels::PoolWindow& window) : window_(window) {}
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;
  const kernels::PoolWindow& window() const { return window_; }

 private:
  kernels::PoolWindow window_;
};

/// torch.nn.AvgPool2d on NHWC: padding counts as zeros.
class AvgPool2d : public Module {
 public:
  explicit AvgPool2d(const kernels::PoolWindow& window) : window_(window) {}
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

 private:
  kernels::PoolWindow window_;
};

/// Mean over height and width: (N, H, W, C) to (N, C).
class GlobalAvgPool2d : public Module {
 public:
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;
};

}  // namespace tern
