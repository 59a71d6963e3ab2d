#include "core/safetensors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/nearest_name.h"
#include "core/safetensors_format.h"
#include "core/safetensors_header.h"

namespace tern {
namespace {

using namespace safetensors;

static_assert(std::endian::native == std::endian::little,
              "the format is little-endian, and so is the reader");

/// Opens without blocking on a pipe, and returns the size of what must be a regular file.
FileDescriptor open_regular_file(const std::filesystem::path& path, std::uint64_t* file_bytes) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!file.valid() || ::fstat(file.number(), &status) != 0) throw_file_error("read", path, errno);
  require<DataError>(S_ISREG(status.st_mode), "cannot read {}: it is not a regular file", path.string());
  *file_bytes = static_cast<std::uint64_t>(status.st_size);
  return file;
}

void read_exactly(const FileDescriptor& file, const std::filesystem::path& path, std::uint64_t offset,
                  void* to, std::size_t bytes) {
  char* next = static_cast<char*>(to);
  while (bytes > 0) {
    const ssize_t got = ::pread(file.number(), next, bytes, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_file_error("read", path, errno);
    require<DataError>(got > 0, "{}: byte {}: the file ends here; it was cut off while being read",
                       path.string(), offset);
    next += got;
    offset += static_cast<std::uint64_t>(got);
    bytes -= static_cast<std::size_t>(got);
  }
}

/// The header, its length checked against the file before anything is allocated for it.
std::string read_header(const FileDescriptor& file, const std::filesystem::path& path,
                        std::uint64_t file_bytes) {
  require<DataError>(
      file_bytes >= kLengthBytes,
      "{}: byte {}: the file ends within the length of the header; is this a safetensors file?",
      path.string(), file_bytes);
  std::uint64_t header_bytes = 0;
  read_exactly(file, path, 0, &header_bytes, kLengthBytes);
  require<DataError>(header_bytes <= file_bytes - kLengthBytes && header_bytes <= kMaxHeaderBytes,
                     "{}: byte 0: the header has {} bytes, {} are left in the file and {} are allowed; is "
                     "this a whole safetensors file?",
                     path.string(), header_bytes, file_bytes - kLengthBytes, kMaxHeaderBytes);
  std::string text(header_bytes, '\0');
  read_exactly(file, path, kLengthBytes, text.data(), text.size());
  return text;
}

/// The checksum of the file with the header `text`, computed piece by piece.
uLong file_checksum(const FileDescriptor& file, const std::filesystem::path& path, std::string text,
                    std::uint64_t file_bytes) {
  const std::uint64_t header_bytes = text.size();
  std::array<char, kLengthBytes> length;
  std::memcpy(length.data(), &header_bytes, kLengthBytes);
  std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(kChecksumPrefix.size()), kChecksumDigits, '0');
  uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(length.data()), kLengthBytes);
  crc = crc32_z(crc, reinterpret_cast<const Bytef*>(text.data()), text.size());

  std::uint64_t offset = kLengthBytes + header_bytes;
  std::vector<Bytef> buffer(std::min<std::uint64_t>(file_bytes - offset, std::uint64_t{1} << 20));
  while (offset < file_bytes) {
    const std::size_t bytes = std::min<std::uint64_t>(buffer.size(), file_bytes - offset);
    read_exactly(file, path, offset, buffer.data(), bytes);
    crc = crc32_z(crc, buffer.data(), bytes);
    offset += bytes;
  }
  return crc;
}

/// Verifies the checksum of a file that has one, and removes its keys from the metadata.
void verify_checksum(const FileDescriptor& file, const std::filesystem::path& path, const std::string& text,
                     std::uint64_t file_bytes, Metadata* metadata) {
  const auto key = metadata->find(std::string(kChecksumKey));
  const auto writer = metadata->find(std::string(kWriterKey));
  if (key == metadata->end() && writer == metadata->end()) return;
  const std::size_t digits_at = kLengthBytes + kChecksumPrefix.size();
  require<DataError>(key != metadata->end() && writer != metadata->end() &&
                         text.compare(0, kChecksumPrefix.size(), kChecksumPrefix) == 0 &&
                         key->second.size() == kChecksumDigits,
                     "{}: byte {}: the metadata has only a part of a checksum; the file is damaged, or was "
                     "rewritten by a program that copied the metadata",
                     path.string(), digits_at);
  const std::string computed = fmt::format("{:08x}", file_checksum(file, path, text, file_bytes));
  require<DataError>(
      computed == key->second,
      "{}: byte {}: the checksum is {}, that of the file's content is {}; the file is damaged, "
      "use another copy",
      path.string(), digits_at, quote(key->second), computed);
  metadata->erase(key);
  metadata->erase(writer);
}

}  // namespace

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  SafetensorsFile result;
  std::uint64_t file_bytes = 0;
  result.path_ = path;
  result.file_ = open_regular_file(path, &file_bytes);
  const std::string text = read_header(result.file_, path, file_bytes);
  Header header = parse_header(path.string(), text, file_bytes - kLengthBytes - text.size());
  verify_checksum(result.file_, path, text, file_bytes, &header.metadata);
  result.metadata_ = std::move(header.metadata);
  result.tensors_ = std::move(header.tensors);
  for (std::size_t i = 0; i < result.tensors_.size(); ++i) result.index_.emplace(result.tensors_[i].name, i);
  return result;
}

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> names;
  names.reserve(tensors_.size());
  for (const TensorInfo& tensor : tensors_) names.push_back(tensor.name);
  return names;
}

const TensorInfo& SafetensorsFile::info(const std::string& name) const {
  const auto found = index_.find(name);
  if (found != index_.end()) return tensors_[found->second];
  const std::string nearest = nearest_name(name, names());
  throw DataError(fmt::format("{}: there is no tensor {}{}", path_.string(), quote(name),
                              nearest.empty() ? "" : "; did you mean " + quote(nearest) + "?"));
}

Tensor SafetensorsFile::read(const std::string& name) const {
  const TensorInfo& tensor = info(name);
  Tensor result = Tensor::empty(tensor.shape, tensor.dtype);
  read_exactly(file_, path_, tensor.begin, result.raw(), result.nbytes());
  return result;
}

}  // namespace tern
