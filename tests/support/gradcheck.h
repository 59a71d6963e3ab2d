// Checks a hand-derived backward pass against central differences.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tern/layers/autograd/variable.h"
#include "tests/support/random_tensors.h"

namespace tern::test {

struct GradcheckOptions {
  /// Step of the differences. The error of a central difference in f32 is about
  /// eps_f32 * |L| / step + step^2 * |L'''|; 1e-2 balances both for values of order one.
  double step = 1e-2;
  /// Largest allowed |numeric - analytic| / max(1, |analytic|).
  double tolerance = 2e-3;
};

/// L = sum_i r_i * f(inputs)_i with fixed random r_i in [-1, 1], summed in double. Compares dL/dx of every
/// element of every input that requires a gradient; returns an empty string or the first disagreement.
/// The inputs may be on any device. They must keep away from kinks by more than the step. `f` must be a pure
/// function of their values.
std::string gradcheck(const std::function<Variable(const std::vector<Variable>&)>& f,
                      std::vector<Variable> inputs, const GradcheckOptions& options = {});

}  // namespace tern::test
