// What every model file must keep to, whoever reads it: checks of its numbers and of its promises.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tern/models/resnet_config.h"

namespace tern {

/// Throws DataError naming tensor and position unless all values are finite and, in a "running_var" or
/// "scale", not negative.
void check_values(const std::string& name, const float* values, std::size_t count);

/// For before a network is made: throws DataError if `config` describes more weights than `data_bytes` of
/// tensors can hold, which could ask for any amount of memory.
void check_room(const ResNetConfig& config, std::uint64_t data_bytes);

}  // namespace tern
