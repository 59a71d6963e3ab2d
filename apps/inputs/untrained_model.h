#pragma once

#include <string>

#include "tern/models/model_file.h"

namespace tern {

/// The named network (network_names) with random weights and, in its metadata, classes "0", "1", ...:
/// for measurements of size and speed, which do not depend on what a network has learned. Throws ConfigError.
LoadedModel untrained_model(const std::string& name);

}  // namespace tern
