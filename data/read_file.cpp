#include "tern/data/read_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "tern/core/error.h"

namespace tern {
namespace fs = std::filesystem;
namespace {

// Opening a FIFO or a device could block for ever, so the kind of file is looked at first.
std::uint64_t checked_size(const fs::path& path, std::uint64_t max_bytes) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  require<DataError>(status.type() != fs::file_type::not_found, "{}: no such file", path.string());
  require<DataError>(!fs::is_directory(status), "{}: is a folder, expected a file", path.string());
  require<DataError>(!error, "{}: {}", path.string(), error.message());
  require<DataError>(fs::is_regular_file(status), "{}: is a device, pipe or socket, expected a file",
                     path.string());
  const std::uintmax_t size = fs::file_size(path, error);
  require<DataError>(!error, "{}: {}", path.string(), error.message());
  require<DataError>(size > 0, "{}: the file is empty (0 bytes); replace or delete it", path.string());
  require<DataError>(size <= max_bytes, "{}: the file has {} bytes, the limit is {}", path.string(), size,
                     max_bytes);
  return size;
}

}  // namespace

std::vector<std::uint8_t> read_file(const fs::path& path, std::uint64_t max_bytes) {
  return read_file(path, max_bytes, max_bytes);
}

std::vector<std::uint8_t> read_file(const fs::path& path, std::uint64_t max_bytes,
                                    std::uint64_t first_bytes) {
  std::vector<std::uint8_t> bytes(std::min(checked_size(path, max_bytes), first_bytes));
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  require<Error>(file != nullptr || (errno != EMFILE && errno != ENFILE && errno != ENOMEM),
                 "{}: cannot be opened: {}; raise the limit on open files (ulimit -n) or free memory",
                 path.string(), std::generic_category().message(errno));
  require<DataError>(file != nullptr, "{}: cannot be opened: {}", path.string(),
                     std::generic_category().message(errno));
  const std::size_t count = std::fread(bytes.data(), 1, bytes.size(), file.get());
  require<DataError>(count == bytes.size(), "{}: reading stopped at byte {} of {}", path.string(), count,
                     bytes.size());
  return bytes;
}

}  // namespace tern
