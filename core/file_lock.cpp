#include "tern/core/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "tern/core/error.h"
#include "tern/core/quote.h"

namespace tern {
namespace {

std::string this_process() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return fmt::format("process {} on {}", ::getpid(), host.data());
}

/// What the holder has written; it may be about to write it.
std::string holder(const FileDescriptor& file) {
  std::array<char, 300> text{};
  const ssize_t bytes = ::pread(file.number(), text.data(), text.size(), 0);
  return bytes > 0 ? quote({text.data(), static_cast<std::size_t>(bytes)}) : "another process";
}

/// False if the holder before removed the file, so that the lock is that of a file without a name.
bool is_file_at(const FileDescriptor& file, const std::filesystem::path& path) {
  struct stat opened {
  }, named{};
  return ::fstat(file.number(), &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

}  // namespace

FileLock::FileLock(std::filesystem::path path) : path_(std::move(path)) {
  do {
    file_ = FileDescriptor(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666));
    if (!file_.valid()) throw_file_error("lock", path_, errno);
    const bool locked = ::flock(file_.number(), LOCK_EX | LOCK_NB) == 0;
    require<DataError>(locked || errno != EWOULDBLOCK,
                       "{}: is in use by {}; wait until it ends, or choose another folder",
                       path_.parent_path().string(), holder(file_));
  } while (!is_file_at(file_, path_));
  const std::string name = this_process();
  // For the message above alone, so that a full disk is no reason to fail here.
  if (::ftruncate(file_.number(), 0) == 0) {
    [[maybe_unused]] const ssize_t written = ::pwrite(file_.number(), name.data(), name.size(), 0);
  }
}

FileLock::~FileLock() {
  ::unlink(path_.c_str());
}

}  // namespace tern
