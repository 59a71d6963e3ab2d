#pragma once

#include <string>

#include "tern/models/model_file.h"

namespace tern {

/// A network with random weights and, in its metadata, classes "0", "1", ...: for measurements of size and
/// speed, which do not depend on what a network has learned. `network` is a name (network_names), a
/// description in JSON or a training configuration, NAME.json. Throws ConfigError, and DataError if that
/// cannot be read.
LoadedModel untrained_model(const std::string& network);

}  // namespace tern
