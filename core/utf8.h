#pragma once

namespace tern {

/// Whether a byte of UTF-8 text is the first of a character.
constexpr bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

}  // namespace tern
