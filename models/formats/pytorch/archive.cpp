#include "tern/models/formats/pytorch/archive.h"

#include <algorithm>
#include <string_view>

namespace tern::pytorch {
namespace {

constexpr std::string_view kZipStart = "PK\x03\x04";
constexpr char kPickleStart = '\x80';  // then the number of the protocol
constexpr char kLastProtocol = 5;

std::string first_bytes(const ByteSource& file) {
  std::string start(std::min<std::uint64_t>(file.size(), kZipStart.size()), '\0');
  file.read(0, start.data(), start.size());
  return start;
}

}  // namespace

bool is_archive(const ByteSource& file) {
  const std::string start = first_bytes(file);
  if (start.size() < kZipStart.size()) return false;
  return start == kZipStart || (start[0] == kPickleStart && start[1] >= 0 && start[1] <= kLastProtocol);
}

std::unique_ptr<Archive> open_archive(const std::string& path) {
  std::unique_ptr<ByteSource> file = open_file(path);
  if (first_bytes(*file) == kZipStart) return open_zip_archive(path, file->size());
  return open_legacy_archive(std::move(file));
}

}  // namespace tern::pytorch
