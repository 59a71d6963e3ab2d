#include "tern/training/tfrecord.h"

#include <cstring>

#include "tern/core/crc32c.h"

namespace tern {
namespace {

constexpr std::size_t kHeaderBytes = 12, kFooterBytes = 4;

/// Checksums of data that hold checksums are masked, "Masking" in TensorFlow's crc32c.h.
std::uint32_t masked_crc(std::string_view bytes) {
  const std::uint32_t crc = crc32c(0, bytes.data(), bytes.size());
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

template <class Number>
std::string bytes_of(Number number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

template <class Number>
Number number_at(std::string_view bytes, std::size_t offset) {
  Number number{};
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

}  // namespace

std::string tfrecord(std::string_view data) {
  const std::string length = bytes_of(static_cast<std::uint64_t>(data.size()));
  return length + bytes_of(masked_crc(length)) + std::string(data) + bytes_of(masked_crc(data));
}

std::optional<std::string_view> take_tfrecord(std::string_view& bytes) {
  if (bytes.size() < kHeaderBytes + kFooterBytes) return std::nullopt;
  const auto length = number_at<std::uint64_t>(bytes, 0);
  if (number_at<std::uint32_t>(bytes, 8) != masked_crc(bytes.substr(0, 8))) return std::nullopt;
  if (length > bytes.size() - kHeaderBytes - kFooterBytes) return std::nullopt;
  const std::string_view data = bytes.substr(kHeaderBytes, length);
  if (number_at<std::uint32_t>(bytes, kHeaderBytes + length) != masked_crc(data)) return std::nullopt;
  bytes.remove_prefix(kHeaderBytes + length + kFooterBytes);
  return data;
}

}  // namespace tern
