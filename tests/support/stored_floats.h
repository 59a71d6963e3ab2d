// Files as programs leave them that store floats in fewer or more bits than Tern.
#pragma once

#include <filesystem>
#include <string>

namespace tern::test {

/// Rounds every float of the safetensors file to 8 significant bits and at least 2^-14, which F64, F32, F16
/// and BF16 all hold.
void round_floats(const std::filesystem::path& path);

/// Writes the safetensors file `from` anew, with its floats as `dtype`: "F64", "F16" or "BF16". They must be
/// those of round_floats().
void write_with_floats_as(const std::string& dtype, const std::filesystem::path& from,
                          const std::filesystem::path& to);

}  // namespace tern::test
