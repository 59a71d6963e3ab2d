// Methods by name, for configurations.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tern/layers/ternary/sttn.h"

namespace tern {

/// What a configuration may say of a method; each reads what it knows.
struct TernaryMethodOptions {
  WeightGradientRule weight_gradient = WeightGradientRule::official;  ///< sttn
  std::int64_t branches = 2;                                          ///< sttn: 2 or 3 (three_branches.h)
};

using TernaryMethodFactory = std::function<TernaryMethod(const TernaryMethodOptions&)>;

/// "sttn", "twn", "lsq", "threshold", "binary" or one that was added. Throws ConfigError with the nearest
/// name.
TernaryMethod ternary_method(const std::string& name, const TernaryMethodOptions& options = {});

/// All names that ternary_method knows, sorted.
std::vector<std::string> ternary_method_names();

/// Makes a method known under its TernaryWeights::method(). Throws ConfigError if the name is taken.
void add_ternary_method(const std::string& name, TernaryMethodFactory factory);

}  // namespace tern
