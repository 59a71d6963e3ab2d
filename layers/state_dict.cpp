#include "tern/layers/state_dict.h"

#include "tern/core/dotted_path.h"
namespace tern {

std::vector<StateEntry> state_dict(const ParameterContainer& module) {
  std::vector<StateEntry> entries;
  module.visit([&entries](const std::string& path, const ParameterContainer& part) {
    for (const auto& [name, variable] : part.named_parameters(false)) {
      entries.push_back({join_path(path, name), variable.value(), StateKind::parameter});
    }
    for (const auto& [name, tensor] : part.named_buffers(false)) {
      entries.push_back({join_path(path, name), tensor, StateKind::buffer});
    }
  });
  return entries;
}

void load_state(ParameterContainer& module, const std::map<std::string, Tensor>& state) {
  NamedTensors targets;
  for (const StateEntry& entry : state_dict(module)) targets.emplace_back(entry.name, entry.tensor);
  overwrite_tensors("load_state", std::move(targets), state);
}

}  // namespace tern
