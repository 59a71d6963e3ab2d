// Cyclic redundancy checks of 32 bits, reflected, eight bytes at a time ("slicing by 8", Kounavis and Berry,
// 2005).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tern {

/// [0][b] is the effect of byte b, [k][b] that of byte b followed by k zero bytes.
using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr CrcTables make_crc_tables(std::uint32_t polynomial) {
  CrcTables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0U);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = (crc >> 8) ^ tables[0][crc & 0xff];
    }
  }
  return tables;
}

/// The checksum `crc` of the bytes so far (0 before the first) extended by these bytes.
inline std::uint32_t crc_by_eight(const CrcTables& tables, std::uint32_t crc, const void* bytes,
                                  std::size_t size) {
  constexpr std::size_t kSlices = std::tuple_size_v<CrcTables>;
  const auto* next = static_cast<const unsigned char*>(bytes);
  crc = ~crc;
  for (; size >= kSlices; size -= kSlices, next += kSlices) {
    std::uint64_t word = 0;
    std::memcpy(&word, next, kSlices);  // little-endian, as the whole of Tern's file formats
    word ^= crc;
    crc = 0;
    for (std::size_t k = 0; k < kSlices; ++k) crc ^= tables[kSlices - 1 - k][(word >> (8 * k)) & 0xff];
  }
  for (; size > 0; --size, ++next) crc = (crc >> 8) ^ tables[0][(crc ^ *next) & 0xff];
  return ~crc;
}

}  // namespace tern
