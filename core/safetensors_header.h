// The parser of a safetensors header. Not for use elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tern/core/safetensors.h"

namespace tern::safetensors {

struct Header {
  Metadata metadata;
  std::vector<TensorInfo> tensors;
};

/// Parses and checks the header `text` of the file at `path`, which has `data_bytes` bytes behind the header.
/// Throws DataError; see SafetensorsFile.
Header parse_header(const std::string& path, std::string_view text, std::uint64_t data_bytes,
                    StoredFloats floats);

}  // namespace tern::safetensors
