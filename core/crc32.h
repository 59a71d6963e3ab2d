// The CRC-32 of zlib, PNG and Ethernet (polynomial 0xedb88320, reflected).
#pragma once

#include <cstddef>
#include <cstdint>

namespace tern {

/// The checksum of what `crc` is the checksum of, followed by these bytes; 0 is that of nothing. Our own, so
/// that reading a model needs no library but that of C++.
std::uint32_t crc32(std::uint32_t crc, const void* bytes, std::size_t size);

}  // namespace tern
