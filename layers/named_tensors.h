// Lists of named tensors: the parameters of a network, the state of an optimiser, the content of a file.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tern/core/tensor.h"
#include "tern/layers/autograd/variable.h"

namespace tern {

using NamedVariables = std::vector<std::pair<std::string, Variable>>;
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// Overwrites the elements of every tensor of `targets` with those of its namesake in `source`. Names, shapes
/// and dtypes have to agree one to one: otherwise throws a DataError that starts with `owner` and lists all
/// that differs, and no tensor is changed.
void overwrite_tensors(const std::string& owner, NamedTensors targets,
                       const std::map<std::string, Tensor>& source);

}  // namespace tern
