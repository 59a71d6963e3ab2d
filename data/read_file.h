// Reading a whole file of input data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace tern {

/// The bytes of a regular file. Throws DataError naming `path` if it is missing, a directory or another
/// special file, empty, larger than `max_bytes` (checked before anything is read), or unreadable.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

}  // namespace tern
