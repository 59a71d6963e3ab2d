#include "tern/training/append_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "tern/core/error.h"

namespace tern {
namespace {

namespace fs = std::filesystem;

}  // namespace

AppendFile::AppendFile(std::string path, std::uintmax_t keep_bytes) : path_(std::move(path)) {
  std::error_code error;
  require<DataError>(!fs::is_fifo(path_, error), "{}: is a pipe, expected a file; remove it", path_);
  if (fs::is_regular_file(path_, error)) fs::resize_file(path_, keep_bytes, error);
  require<DataError>(!error || error == std::errc::no_such_file_or_directory, "{}: cannot cut the file: {}",
                     path_, error.message());
  file_.reset(std::fopen(path_.c_str(), "ab"));
  require<DataError>(file_ != nullptr, "{}: cannot open for writing: {}", path_, std::strerror(errno));
}

void AppendFile::append(std::string_view bytes) {
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size() &&
                       std::fflush(file_.get()) == 0;
  require<DataError>(written, "{}: cannot write: {}", path_, std::strerror(errno));
}

void AppendFile::sync() {
  // EINVAL: a link leads to what cannot be synced, such as a device.
  const bool synced = ::fsync(fileno(file_.get())) == 0 || errno == EINVAL;
  require<DataError>(synced, "{}: cannot make durable: {}", path_, std::strerror(errno));
}

std::vector<std::string> read_complete_lines(const std::string& path) {
  std::vector<std::string> lines;
  std::error_code error;
  if (!fs::exists(path, error)) return lines;
  std::ifstream file(path, std::ios::binary);
  require<DataError>(file.is_open(), "{}: cannot open: {}", path, std::strerror(errno));
  // getline reaches the end of the file before a line end only in an incomplete last line.
  for (std::string line; std::getline(file, line) && !file.eof();) lines.push_back(std::move(line));
  require<DataError>(!file.bad(), "{}: cannot read: {}", path, std::strerror(errno));
  return lines;
}

}  // namespace tern
