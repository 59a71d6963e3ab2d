#include "tern/core/crc32.h"

#include "tern/core/crc_by_eight.h"

namespace tern {

std::uint32_t crc32(std::uint32_t crc, const void* bytes, std::size_t size) {
  static constexpr CrcTables kTables = make_crc_tables(0xedb88320U);
  return crc_by_eight(kTables, crc, bytes, size);
}

}  // namespace tern
