// Reading a whole file of input data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace tern {

/// The bytes of a regular file. Throws DataError naming `path` if it is missing, a directory or another
/// special file, empty, larger than `max_bytes` (checked before anything is read), or unreadable; Error if
/// the process may open no more files, which says nothing of this one.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// The first `first_bytes` of it, or all if it has less.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path, std::uint64_t max_bytes,
                                    std::uint64_t first_bytes);

}  // namespace tern
