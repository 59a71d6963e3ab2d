#pragma once

#include "tern/layers/module.h"

namespace tern {

/// x for x > 0, weight_c * x otherwise: torch.nn.PReLU with one slope per channel, 0.25 at first.
class PReLU : public Module {
 public:
  explicit PReLU(std::int64_t channels);
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;
  const Variable& slope() const { return weight_; }

 private:
  Variable& weight_;
};

class ReLU : public Module {
 public:
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;
};

/// {-1, 0, +1} with a straight-through gradient; see functions/ternary_activation.h.
class TernaryActivation : public Module {
 public:
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;
};

}  // namespace tern
