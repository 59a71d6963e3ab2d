#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tern/core/device.h"

namespace tern::bench {

/// What a reader of times must know: commit, processor, cores and their load, instruction set of the kernels,
/// device, compiler, date. `emulated` says that the GPU is not one, and its times are worth nothing.
nlohmann::ordered_json describe_machine(Device device, const std::string& instruction_set);

/// True for a GPU whose kernels run on the CPU (tests/emulation).
bool is_emulated(Device device);

}  // namespace tern::bench
