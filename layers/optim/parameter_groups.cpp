#include "tern/layers/optim/parameter_groups.h"

#include <map>
#include <utility>

namespace tern {
namespace {

bool decays(ParameterRole role, const GroupOptions& options) {
  switch (role) {
    case ParameterRole::weight:
      return true;
    case ParameterRole::latent:
      return options.decay_latents;
    default:
      return options.decay_norms;
  }
}

}  // namespace

std::vector<ParameterGroup> parameter_groups(const ParameterContainer& network, const GroupOptions& options) {
  std::map<ParameterRole, ParameterGroup> groups;
  for (ModuleParameter& parameter : network.parameters()) {
    ParameterGroup& group = groups[parameter.role];
    if (!decays(parameter.role, options)) group.weight_decay = 0;
    if (parameter.role == ParameterRole::threshold) group.lr_factor = options.threshold_lr_factor;
    group.parameters.emplace_back(std::move(parameter.name), std::move(parameter.variable));
  }
  std::vector<ParameterGroup> all;
  for (auto& [role, group] : groups) all.push_back(std::move(group));
  return all;
}

}  // namespace tern
