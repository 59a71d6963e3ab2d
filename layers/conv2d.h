#pragma once

#include "tern/kernels/conv2d.h"
#include "tern/layers/module.h"

namespace tern {

struct Conv2dOptions {
  std::int64_t in_channels = 0;
  std::int64_t out_channels = 0;
  int kernel_size = 3;
  int stride = 1;
  int padding = 0;
  bool bias = false;
};

/// The window of a convolution with weights (O, KH, KW, I), as a graph has it.
inline graph::Window convolution_window(const Shape& weight, const kernels::Conv2dParameters& parameters) {
  return {weight[1], weight[2], parameters.stride, parameters.stride, parameters.padding, parameters.padding};
}

/// Float convolution, as torch.nn.Conv2d on NHWC. Parameters: weight (O, KH, KW, I), bias (O) if asked for;
/// zero until initialised.
class Conv2d : public Module {
 public:
  explicit Conv2d(const Conv2dOptions& options);
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

  const kernels::Conv2dParameters& parameters() const { return parameters_; }
  const Variable& weight() const { return weight_; }

 private:
  kernels::Conv2dParameters parameters_;
  Variable& weight_;
  Variable bias_;
};

}  // namespace tern
