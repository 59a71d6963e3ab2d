#include "tern/data/gzip_reader.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "tern/core/error.h"

namespace tern {
namespace fs = std::filesystem;
namespace {

std::uint64_t size_of(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  require<DataError>(fs::exists(status), "{}: no such file", path.string());
  require<DataError>(fs::is_regular_file(status), "{}: is not a regular file", path.string());
  const std::uintmax_t size = fs::file_size(path, error);
  require<DataError>(!error, "{}: {}", path.string(), error.message());
  require<DataError>(size > 0, "{}: the file is empty (0 bytes); get it again", path.string());
  return size;
}

}  // namespace

GzipReader::GzipReader(const fs::path& path)
    : path_(path), file_bytes_(size_of(path)), file_(gzopen(path.c_str(), "rb"), &gzclose) {
  require<DataError>(file_ != nullptr, "{}: cannot be opened: {}", path.string(),
                     std::generic_category().message(errno));
}

std::size_t GzipReader::read_some(std::span<std::uint8_t> out) {
  constexpr std::size_t kMaxRead = 1 << 30;  // gzread counts in int
  const int count = gzread(file_.get(), out.data(), static_cast<unsigned>(std::min(out.size(), kMaxRead)));
  // A stream that is cut off still gives what it has; zlib only remembers the error.
  int code = Z_OK;
  const char* reason = gzerror(file_.get(), &code);
  const bool good = count >= 0 && (code == Z_OK || code == Z_STREAM_END);
  require<DataError>(good, "{}: gzip data corrupt or truncated near byte {} of {}: {}; get the file again",
                     path_.string(), gzoffset(file_.get()), file_bytes_, reason);
  return static_cast<std::size_t>(count);
}

void GzipReader::read(std::span<std::uint8_t> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const std::size_t count = read_some(out.subspan(done));
    require<DataError>(count > 0, "{}: the data end at byte {}, {} more were expected; get the file again",
                       path_.string(), gztell(file_.get()), out.size() - done);
    done += count;
  }
}

void GzipReader::expect_end() {
  std::uint8_t extra = 0;
  const std::int64_t end = gztell(file_.get());
  require<DataError>(read_some({&extra, 1}) == 0, "{}: data go on after byte {}, where they should end",
                     path_.string(), end);
}

std::uint64_t GzipReader::max_data_bytes() const {
  constexpr std::uint64_t kMaxDeflateRatio = 1032;  // zlib's technical details: the limit of the format
  return gzdirect(file_.get()) != 0 ? file_bytes_ : file_bytes_ * kMaxDeflateRatio;
}

}  // namespace tern
