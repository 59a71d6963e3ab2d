#include "tern/core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "tern/core/error.h"

namespace tern {
namespace {

/// Makes a rename within `directory` survive a power failure.
void sync_directory(const std::filesystem::path& directory) {
  const FileDescriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.valid()) throw_file_error("open directory", directory, errno);
  // EINVAL: the file system (some network ones) has no such operation, and nothing more can be done.
  if (::fsync(descriptor.number()) != 0 && errno != EINVAL) {
    throw_file_error("make durable directory", directory, errno);
  }
}

/// Where a chain of symbolic links ends, which need not exist.
std::filesystem::path without_links(std::filesystem::path path) {
  constexpr int kMaxLinks = 40;  // as Linux follows
  std::error_code no_link;
  for (int i = 0; i < kMaxLinks; ++i) {
    const std::filesystem::path to = std::filesystem::read_symlink(path, no_link);
    if (no_link) return path;
    path = path.parent_path() / to;  // `to` alone if it is absolute
  }
  throw_file_error("follow the links of", path, ELOOP);
}

void sync_file(const FileDescriptor& file, const std::filesystem::path& path) {
  // EINVAL: pipes and most devices have no such operation.
  if (::fsync(file.number()) != 0 && errno != EINVAL) throw_file_error("make durable", path, errno);
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
  struct stat before {};
  const bool exists = ::stat(path_.c_str(), &before) == 0;
  if (exists && S_ISDIR(before.st_mode)) throw_file_error("write", path_, EISDIR);
  if (exists && !S_ISREG(before.st_mode)) {
    file_ = FileDescriptor(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file_.valid()) throw_file_error("write", path_, errno);
    return;
  }
  path_ = without_links(std::move(path_));
  open_temporary(exists ? before.st_mode & 0777 : 0);
}

/// 0 for `permissions`: those of a new file.
void AtomicFile::open_temporary(mode_t permissions) {
  temporary_ = path_;
  temporary_ += ".tmp";
  file_ = FileDescriptor(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file_.valid()) throw_file_error("create", temporary_, errno);
  // Not all file systems have permissions; then there is nothing to keep.
  if (permissions != 0) static_cast<void>(::fchmod(file_.number(), permissions) == 0);
}

AtomicFile::~AtomicFile() {
  if (!renamed_ && !temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  require<Error>(file_.valid(), "AtomicFile: write to {} after its commit", path_.string());
  const char* next = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t written = ::write(file_.number(), next, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_file_error("write", temporary_.empty() ? path_ : temporary_, errno);
    next += written;
    bytes -= static_cast<std::size_t>(written);
  }
}

void AtomicFile::commit() {
  require<Error>(file_.valid(), "AtomicFile: second commit of {}", path_.string());
  sync_file(file_, path_);
  const int close_error = file_.close();
  if (close_error != 0) throw_file_error("write", path_, close_error);
  if (temporary_.empty()) return;
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) throw_file_error("replace", path_, errno);
  renamed_ = true;
  sync_directory(path_.has_parent_path() ? path_.parent_path() : ".");
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content.data(), content.size());
  file.commit();
}

}  // namespace tern
