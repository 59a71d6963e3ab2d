#pragma once

#include "tern/layers/module.h"

namespace tern {

/// (N, H, W, C) to (N, H * W * C), for linear layers.
class Flatten : public Module {
 public:
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;
};

}  // namespace tern
