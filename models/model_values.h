// What every model file must keep to, whoever reads it: checks of its numbers and of its promises.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tern {

/// Throws DataError naming tensor and position unless all values are finite and, in a "running_var" or
/// "scale", not negative.
void check_values(const std::string& name, const float* values, std::size_t count);

/// To be called before a network is made. Throws DataError if it has `least_weights` or more, but
/// `data_bytes` of tensors cannot hold as many: making it could ask for any amount of memory.
void check_room(std::int64_t least_weights, std::uint64_t data_bytes);

}  // namespace tern
