// Constants and names of the safetensors format, as its reader and its writer share them. Not for use
// elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tern/core/dtype.h"

namespace tern::safetensors {

/// Bytes of the length that stands before the header.
constexpr std::size_t kLengthBytes = 8;
/// The limit of the reference implementation.
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

constexpr std::string_view kMetadataName = "__metadata__";

/// The checksum is the CRC-32 of the whole file, in which its own eight digits count as '0'. It stands at one
/// place: a header that has it starts with kChecksumPrefix, the digits (lower case) follow.
constexpr std::string_view kChecksumKey = "tern.crc32";
constexpr std::string_view kChecksumPrefix = R"({"__metadata__":{"tern.crc32":")";
constexpr std::size_t kChecksumDigits = 8;
/// Damage to the key of the checksum would make a file look like one without. Hence this second key: a file
/// with either key must have a valid checksum.
constexpr std::string_view kWriterKey = "tern.writer";

/// "F32", "BF16", ...: the name of a dtype in the header.
std::string_view dtype_name(DType dtype);
/// Its inverse; nothing for a name that Tern has no dtype for.
std::optional<DType> dtype_named(std::string_view name);

}  // namespace tern::safetensors
