// The forward pass of a merged network by its layers, with all that the engine keeps to itself.
#pragma once

#include <vector>

#include "tern/layers/module.h"

namespace tern::test {

struct UnfusedPass {
  Tensor stem;                  // the stream behind the stem
  std::vector<Tensor> ternary;  // what each ternary convolution reads, i8
  Tensor averages;              // of the last stream, per channel
  Tensor logits;
};

/// The pass of a network of BlockKind::ternary in evaluation, on the CPU.
UnfusedPass unfused_pass(Module& network, const Tensor& images);

}  // namespace tern::test
