// Parameter groups by role (layers/parameter_role.h): what a recipe treats differently.
#pragma once

#include <vector>

#include "tern/layers/optim/optimizer.h"
#include "tern/layers/parameter_container.h"

namespace tern {

struct GroupOptions {
  bool decay_norms = false;        ///< Weight decay on norms, biases, slopes and thresholds, too.
  bool decay_latents = false;      ///< Weight decay on the latent weights of ternary layers, too.
  double threshold_lr_factor = 1;  ///< Of the learning rate of thresholds and steps.
};

/// The parameters of `network` for an optimiser. Weight decay pulls float weights alone unless the options
/// ask for more: it shrinks what a norm multiplies again, and it drags latent weights to where their sign, or
/// their zero, changes.
std::vector<ParameterGroup> parameter_groups(const ParameterContainer& network, const GroupOptions& options);

}  // namespace tern
