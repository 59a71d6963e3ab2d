#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tern/layers/activations.h"
#include "tern/layers/batch_norm2d.h"
#include "tern/layers/ternary/ternary_conv2d.h"

namespace tern {

/// Makes the convolutions of a block, by some method.
using TernaryConvolutionFactory = std::function<std::unique_ptr<TernaryConv2d>(const Conv2dOptions&)>;

/// The STTN block (section 3.4; official code: BasicBlock), twice:
///   x -> batch norm -> activation -> ternary 3x3 convolution -> batch norm -> + shortcut -> PReLU
/// Where the block changes resolution or width, the first shortcut is a max pool 2x2 of that stride with zero
/// channels appended. Children, by the official names: bn1, prelu1, conv1(_1, _2), bn_add1, bn2, prelu2,
/// conv2(_1, _2), bn_add2. `activations` are "ternary", as in the paper, or "binary".
class SttnBlock : public Module {
 public:
  SttnBlock(std::int64_t in_channels, std::int64_t out_channels, int stride,
            const TernaryConvolutionFactory& make_convolution, const std::string& activations = "ternary");
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

 private:
  struct Half {
    BatchNorm2d& bn;
    PReLU& prelu;
    TernaryConv2d& conv;
    BatchNorm2d& bn_add;
  };
  Half add_half(const std::string& number, const Conv2dOptions& options,
                const TernaryConvolutionFactory& make);
  Variable run(Half& half, const Variable& x, const Variable& shortcut) const;
  TernaryVariable activate(Half& half, const Variable& x) const;
  Value trace_half(const Half& half, const std::string& number, GraphBuilder& graph, Value x,
                   Value shortcut) const;

  std::int64_t out_channels_;
  int stride_;
  bool binary_;  // activations
  Half first_;
  Half second_;
};

}  // namespace tern
