#include "tern/core/safetensors_reader.h"

#include <algorithm>
#include <bit>

#include "tern/core/crc32.h"
#include "tern/core/error.h"
#include "tern/core/quote.h"
#include "tern/core/safetensors_format.h"

namespace tern::safetensors {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the format is little-endian, and so is the reader");

/// The text of the header, its length checked against the file before anything is allocated for it.
std::string read_text(const ByteSource& source) {
  require<DataError>(
      source.size() >= kLengthBytes,
      "{}: byte {}: the file ends within the length of the header; is this a safetensors file?",
      source.name(), source.size());
  std::uint64_t header_bytes = 0;
  source.read(0, &header_bytes, kLengthBytes);
  require<DataError>(header_bytes <= source.size() - kLengthBytes && header_bytes <= kMaxHeaderBytes,
                     "{}: byte 0: the header has {} bytes, {} are left in the file and {} are allowed; is "
                     "this a whole safetensors file?",
                     source.name(), header_bytes, source.size() - kLengthBytes, kMaxHeaderBytes);
  std::string text(header_bytes, '\0');
  source.read(kLengthBytes, text.data(), text.size());
  return text;
}

/// The checksum of the file with the header `text`, computed piece by piece.
std::uint32_t checksum_of(const ByteSource& source, std::string text) {
  const std::uint64_t header_bytes = text.size();
  std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(kChecksumPrefix.size()), kChecksumDigits, '0');
  std::uint32_t crc = crc32(0, &header_bytes, kLengthBytes);
  crc = crc32(crc, text.data(), text.size());

  std::uint64_t offset = kLengthBytes + header_bytes;
  std::vector<char> buffer(std::min<std::uint64_t>(source.size() - offset, std::uint64_t{1} << 18));
  while (offset < source.size()) {
    const std::size_t bytes = std::min<std::uint64_t>(buffer.size(), source.size() - offset);
    source.read(offset, buffer.data(), bytes);
    crc = crc32(crc, buffer.data(), bytes);
    offset += bytes;
  }
  return crc;
}

/// Verifies the checksum of a file that has one, and removes its keys from the metadata.
void verify_checksum(const ByteSource& source, const std::string& text, Metadata* metadata) {
  const auto key = metadata->find(std::string(kChecksumKey));
  const auto writer = metadata->find(std::string(kWriterKey));
  if (key == metadata->end() && writer == metadata->end()) return;
  const std::size_t digits_at = kLengthBytes + kChecksumPrefix.size();
  require<DataError>(key != metadata->end() && writer != metadata->end() &&
                         text.starts_with(kChecksumPrefix) && key->second.size() == kChecksumDigits,
                     "{}: byte {}: the metadata has only a part of a checksum; the file is damaged, or was "
                     "rewritten by a program that copied the metadata; let it leave out {} and {}",
                     source.name(), digits_at, kChecksumKey, kWriterKey);
  const std::string computed = fmt::format("{:08x}", checksum_of(source, text));
  require<DataError>(
      computed == key->second,
      "{}: byte {}: the checksum is {}, that of the file's content is {}; the file is damaged, "
      "use another copy",
      source.name(), digits_at, quote(key->second), computed);
  metadata->erase(key);
  metadata->erase(writer);
}

}  // namespace

Header read_header(const ByteSource& source, StoredFloats floats) {
  const std::string text = read_text(source);
  Header header = parse_header(source.name(), text, source.size() - kLengthBytes - text.size(), floats);
  verify_checksum(source, text, &header.metadata);
  return header;
}

}  // namespace tern::safetensors
