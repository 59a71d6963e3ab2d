#include "tern/models/whitened_stem.h"

#include "tern/core/dotted_path.h"
#include "tern/layers/functions/relu.h"

namespace tern {

WhitenedStem::WhitenedStem(std::int64_t in_channels, std::int64_t out_channels)
    : whitening_(add_module("whitening", std::make_unique<WhitenedConv2d>(in_channels))),
      conv_(add_module("conv", std::make_unique<Conv2d>(Conv2dOptions{whitening_.out_channels(), out_channels,
                                                                      1, 1, 0, false}))) {}

Variable WhitenedStem::forward(const Variable& x) {
  return conv_.forward(relu(whitening_.forward(x)));
}

Value WhitenedStem::trace(GraphBuilder& graph, Value x) const {
  return conv_.trace(graph, graph.relu(join_path(path(), "relu"), whitening_.trace(graph, x)));
}

}  // namespace tern
