// The fields by which a family lets a description choose what is ternary in its networks, and how.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tern/layers/module.h"
#include "tern/layers/ternary/methods.h"
#include "tern/models/network_fields.h"

namespace tern {

struct TernaryOptions {
  std::string weights = "float";        ///< "float", or the name of a method (layers/ternary/methods.h).
  std::string activations = "ternary";  ///< What ternary layers read (layers/activations.h).
  kernels::WeightGradientRule weight_gradient = kernels::WeightGradientRule::official;  ///< "sttn" only.

  bool ternary() const { return weights != "float"; }
  /// Throws ConfigError if the weights are floats.
  TernaryMethod method() const;
};

/// "float" and the names of all methods.
std::vector<std::string> weight_names();

/// Reads "weights", one of `allowed` and the first of them if the description does not say, "activations" and
/// "weight_gradient".
TernaryOptions read_ternary_options(NetworkFields& fields,
                                    const std::vector<std::string>& allowed = weight_names());

}  // namespace tern
