#include "tern/core/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
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

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)), temporary_(path_) {
  temporary_ += ".tmp";
  file_ = FileDescriptor(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file_.valid()) throw_file_error("create", temporary_, errno);
}

AtomicFile::~AtomicFile() {
  if (!renamed_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  require<Error>(file_.valid(), "AtomicFile: write to {} after its commit", path_.string());
  const char* next = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t written = ::write(file_.number(), next, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_file_error("write", temporary_, errno);
    next += written;
    bytes -= static_cast<std::size_t>(written);
  }
}

void AtomicFile::commit() {
  require<Error>(file_.valid(), "AtomicFile: second commit of {}", path_.string());
  if (::fsync(file_.number()) != 0) throw_file_error("make durable", temporary_, errno);
  const int close_error = file_.close();
  if (close_error != 0) throw_file_error("write", temporary_, close_error);
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
