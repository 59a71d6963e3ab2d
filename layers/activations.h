#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tern/layers/functions/hardtanh.h"
#include "tern/layers/functions/relu.h"
#include "tern/layers/functions/ternary_activation.h"
#include "tern/layers/graph/builder.h"
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

/// A PReLU between two learned shifts, 0 at first: PReLU(x + shift) + bias (ReActNet, Liu et al., ECCV 2020).
class RPReLU : public Module {
 public:
  explicit RPReLU(std::int64_t channels);
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;
  const Variable& slope() const { return weight_; }
  const Variable& shift() const { return shift_; }
  const Variable& bias() const { return bias_; }

 private:
  Variable& weight_;
  Variable& shift_;
  Variable& bias_;
};

/// A differentiable function of one variable, and the operator that it is in a graph.
template <Variable (*function)(const Variable&), Value (GraphBuilder::*node)(const std::string&, Value)>
class Activation : public Module {
 public:
  Variable forward(const Variable& x) override { return function(x); }
  Value trace(GraphBuilder& graph, Value x) const override { return (graph.*node)(path(), x); }
};

using ReLU = Activation<&relu, &GraphBuilder::relu>;
/// {-1, 0, +1} with a straight-through gradient; see functions/ternary_activation.h.
using TernaryActivation = Activation<&ternary_activation, &GraphBuilder::ternary_activation>;
/// {-1, +1}, sign(0) = +1, with the same straight-through gradient.
using BinaryActivation = Activation<&binary_activation, &GraphBuilder::binary_activation>;
/// x limited to [-1, 1].
using Hardtanh = Activation<&hardtanh, &GraphBuilder::hardtanh>;

/// {-1, 0, +1} by two learned thresholds per channel, low and high, -0.5 and 0.5 at first; see
/// functions/threshold_activation.h.
class ThresholdActivation : public Module {
 public:
  explicit ThresholdActivation(std::int64_t channels);
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

 private:
  Variable& low_;
  Variable& high_;
};

/// The names below.
const std::vector<std::string>& activation_names();

/// What ternary layers take, for values of that many channels: a TernaryActivation by "ternary", a
/// BinaryActivation by "binary", a ThresholdActivation by "learned". Throws ConfigError with the nearest name
/// for any other.
std::unique_ptr<Module> activation_by_name(const std::string& name, std::int64_t channels);

}  // namespace tern
