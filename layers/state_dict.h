// The state of a network: what a checkpoint stores and loading overwrites.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tern/layers/parameter_container.h"

namespace tern {

enum class StateKind { parameter, buffer };

struct StateEntry {
  std::string name;
  Tensor tensor;  ///< Shares the storage of the module's tensor.
  StateKind kind;
};

/// All parameters and buffers in the order of PyTorch's state_dict: per module its parameters, then its
/// buffers, then its children.
std::vector<StateEntry> state_dict(const ParameterContainer& module);

/// Overwrites all parameters and buffers in place, in the module's own layouts (OHWI). Throws DataError
/// listing every missing, unexpected or ill-shaped tensor; then nothing is loaded.
void load_state(ParameterContainer& module, const std::map<std::string, Tensor>& state);

}  // namespace tern
