#pragma once

#include "tern/layers/module.h"

namespace tern {

/// y = x w^T + b as torch.nn.Linear: parameters weight (O, I), bias (O); zero until initialised.
class Linear : public Module {
 public:
  Linear(std::int64_t in_features, std::int64_t out_features);
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

 private:
  Variable& weight_;
  Variable& bias_;
};

}  // namespace tern
