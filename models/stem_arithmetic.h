// In what numbers the engine computes the first convolution: the metadata "stem" of a merged model.
#pragma once

#include <string>

#include "tern/core/safetensors_header.h"

namespace tern {

enum class StemArithmetic {
  floats,
  int16,  ///< Of 8-bit images, in 16-bit integers; what a reader that knows no such thing computes is closer.
};

/// "float", "int16".
const char* to_string(StemArithmetic stem);

/// Throws DataError naming `path` for what is neither.
StemArithmetic read_stem_arithmetic(const Metadata& metadata, const std::string& path);

/// The reverse; floats are not written.
void set_stem_arithmetic(Metadata& metadata, StemArithmetic stem);

}  // namespace tern
