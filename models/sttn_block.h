#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tern/layers/activations.h"
#include "tern/layers/batch_norm2d.h"
#include "tern/layers/sequential.h"
#include "tern/layers/ternary/ternary_conv2d.h"
#include "tern/models/sttn_block_options.h"

namespace tern {

/// Makes the convolutions of a block: a TernaryConv2d, or a Conv2d of floats.
using ConvolutionFactory = std::function<std::unique_ptr<Module>(const Conv2dOptions&)>;

/// The STTN block (section 3.4; official code: BasicBlock), twice:
///   x -> batch norm -> activation -> ternary 3x3 convolution -> batch norm -> + shortcut -> PReLU
/// Children, by the official names: bn1, prelu1, conv1(_1, _2), bn_add1, bn2, prelu2, conv2(_1, _2), bn_add2.
/// Beside them threshold1 and threshold2 of "learned" activations, and downsample, the layers of the shortcut
/// avgpool_conv1x1.
class SttnBlock : public Module {
 public:
  SttnBlock(std::int64_t in_channels, std::int64_t out_channels, int stride,
            const ConvolutionFactory& make_convolution, const SttnBlockOptions& options = {});
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

 private:
  struct Half {
    BatchNorm2d& bn;
    Module& prelu;  // a PReLU or an RPReLU
    Module& conv;
    TernaryConv2d* ternary_conv;  // conv, unless that is of floats
    BatchNorm2d& bn_add;
    ThresholdActivation* threshold;  // of "learned" activations
  };
  Half add_half(const std::string& number, const Conv2dOptions& convolution, const ConvolutionFactory& make,
                const SttnBlockOptions& options);
  Variable run(Half& half, const TernaryVariable& ternary, const Variable& shortcut) const;
  Variable run_unfused(Half& half, const Variable& y, const BatchNormArguments& bn_add,
                       const Variable& shortcut) const;
  TernaryVariable activate(Half& half, const Variable& x) const;
  void add_downsample(std::int64_t in_channels);
  Variable shortcut(const Variable& x) const;
  Value trace_shortcut(GraphBuilder& graph, Value x) const;
  Value trace_half(const Half& half, const std::string& number, GraphBuilder& graph, Value x,
                   Value shortcut) const;

  std::int64_t out_channels_;
  int stride_;
  bool binary_;  // activations
  Half first_;
  Half second_;
  Sequential* downsample_ = nullptr;
};

}  // namespace tern
