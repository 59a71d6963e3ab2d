// State dicts as safetensors.torch.save_file writes them.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tern/core/tensor.h"

namespace tern::test {

/// Wider elements first, then by name; the metadata is {"format": "pt"} and there is no checksum.
void write_like_pytorch(const std::filesystem::path& path,
                        std::vector<std::pair<std::string, Tensor>> tensors);

}  // namespace tern::test
