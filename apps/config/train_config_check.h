// What the fields of a training configuration demand of each other.
#pragma once

#include <string>

#include "tern/apps/config/train_config.h"

namespace tern {

/// Throws ConfigError beginning with `source` if fields contradict each other or one would have no effect.
void check_train_config(const TrainConfig& config, const std::string& source);

}  // namespace tern
