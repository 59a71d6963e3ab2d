#include "tern/core/crc32.h"

#include <string>

#include "tern/core/crc32c.h"
#include "tests/support/catch.h"

using tern::crc32;

namespace {

// Bit by bit, as the polynomial's division is defined.
std::uint32_t naive_crc32(const std::string& bytes) {
  std::uint32_t crc = ~0U;
  for (const unsigned char byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

}  // namespace

TEST_CASE("crc32: the check value of the catalogue of CRCs") {
  CHECK(crc32(0, "123456789", 9) == 0xcbf43926U);
  CHECK(crc32(0, nullptr, 0) == 0);
}

TEST_CASE("crc32c: the check value of the catalogue of CRCs and the vectors of RFC 3720") {
  CHECK(tern::crc32c(0, "123456789", 9) == 0xe3069283U);
  CHECK(tern::crc32c(0, std::string(32, '\0').data(), 32) == 0x8a9136aaU);
  CHECK(tern::crc32c(0, std::string(32, '\xff').data(), 32) == 0x62a8ab43U);
}

TEST_CASE("crc32: equals the bitwise division for every length around the slices, in one piece or two") {
  std::string bytes;
  for (int length = 0; length < 40; ++length) {
    INFO("length " << length);
    const std::uint32_t expected = naive_crc32(bytes);
    CHECK(crc32(0, bytes.data(), bytes.size()) == expected);
    const std::size_t first = bytes.size() / 3;
    CHECK(crc32(crc32(0, bytes.data(), first), bytes.data() + first, bytes.size() - first) == expected);
    bytes += static_cast<char>(length * 37 + 200);
  }
}
