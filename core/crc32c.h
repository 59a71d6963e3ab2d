// The CRC-32C of iSCSI, ext4 and TensorFlow (Castagnoli's polynomial 0x82f63b78, reflected).
#pragma once

#include <cstddef>
#include <cstdint>

namespace tern {

/// The checksum `crc` of the bytes so far (0 before the first) extended by these bytes.
std::uint32_t crc32c(std::uint32_t crc, const void* bytes, std::size_t size);

}  // namespace tern
