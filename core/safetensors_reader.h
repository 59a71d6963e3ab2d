// The part of the safetensors reader that needs no tensors: what a file holds, and where.
#pragma once

#include "tern/core/byte_source.h"
#include "tern/core/safetensors_header.h"

namespace tern::safetensors {

/// Reads and checks the header, and the checksum of a file that has one; its keys are gone from the metadata.
/// Throws DataError; see SafetensorsFile. Allocates for nothing that `source` does not hold.
Header read_header(const ByteSource& source, StoredFloats floats = StoredFloats::as_stored);

}  // namespace tern::safetensors
