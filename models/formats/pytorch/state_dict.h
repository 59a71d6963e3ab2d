#pragma once

#include <string>

#include "tern/models/formats/state_dict_file.h"

namespace tern::pytorch {

/// The state dict in a file of torch.save, as open_state_dict describes it, with its names as they are.
StateDict read_state_dict(const std::string& path);

}  // namespace tern::pytorch
