// The fields by which a family lets a description choose what is ternary in its networks, and how.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tern/layers/conv2d.h"
#include "tern/layers/ternary/methods.h"
#include "tern/models/network_fields.h"

namespace tern {

struct TernaryOptions {
  /// "float": nothing is ternary. "full_precision": ternary activations, weights of floats. Else the name of
  /// a method (layers/ternary/methods.h): both are ternary.
  std::string weights = "float";
  std::string activations = "ternary";  ///< What ternary layers read (layers/activations.h).
  kernels::WeightGradientRule weight_gradient = kernels::WeightGradientRule::official;  ///< "sttn" only.
  std::int64_t branches = 2;  ///< "sttn" only: 2, ternary weights, or 3, weights of four levels.

  bool ternary_activations() const { return weights != "float"; }
  bool ternary_weights() const { return ternary_activations() && weights != "full_precision"; }

  /// A layer that reads these activations: one of a method, or of floats.
  std::unique_ptr<Module> convolution(const Conv2dOptions& options) const;
  /// The same; one of floats has a bias.
  std::unique_ptr<Module> linear(std::int64_t in_features, std::int64_t out_features) const;

 private:
  TernaryMethod method() const;
};

/// "float", "full_precision" and the names of all methods.
std::vector<std::string> weight_names();

/// Reads "weights", one of `allowed` and the first of them if the description does not say, "activations",
/// "weight_gradient" and "branches".
TernaryOptions read_ternary_options(NetworkFields& fields,
                                    const std::vector<std::string>& allowed = weight_names());

}  // namespace tern
