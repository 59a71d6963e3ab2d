// The CRC-32 of zlib, PNG and Ethernet (polynomial 0xedb88320, reflected).
#pragma once

#include <cstddef>
#include <cstdint>

namespace tern {

/// The checksum `crc` of the bytes so far (0 before the first) extended by these bytes. Implemented here so
/// that reading a model needs no library beyond that of C++.
std::uint32_t crc32(std::uint32_t crc, const void* bytes, std::size_t size);

}  // namespace tern
