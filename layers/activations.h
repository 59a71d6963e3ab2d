#pragma once

#include <memory>
#include <string>

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

/// {-1, +1}, sign(0) = +1, with the same straight-through gradient.
class BinaryActivation : public Module {
 public:
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;
};

/// x limited to [-1, 1].
class Hardtanh : public Module {
 public:
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;
};

/// What ternary layers take: a TernaryActivation by "ternary", a BinaryActivation by "binary". Throws
/// ConfigError with the nearest name for any other.
std::unique_ptr<Module> activation_by_name(const std::string& name);

}  // namespace tern
