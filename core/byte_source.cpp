#include "tern/core/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tern/core/error.h"
#include "tern/core/file_descriptor.h"

namespace tern {
namespace {

class FileSource final : public ByteSource {
 public:
  explicit FileSource(const std::filesystem::path& path)
      : name_(path.string()), file_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
    struct stat status {};
    if (!file_.valid() || ::fstat(file_.number(), &status) != 0) throw_file_error("read", path, errno);
    require<DataError>(!S_ISDIR(status.st_mode),
                       "cannot read {}: it is not a regular file but a folder; name a file in it", name_);
    require<DataError>(S_ISREG(status.st_mode), "cannot read {}: it is not a regular file", name_);
    size_ = static_cast<std::uint64_t>(status.st_size);
  }

  const std::string& name() const override { return name_; }
  std::uint64_t size() const override { return size_; }

  void read(std::uint64_t offset, void* to, std::size_t bytes) const override {
    char* next = static_cast<char*>(to);
    while (bytes > 0) {
      const ssize_t got = ::pread(file_.number(), next, bytes, static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw_file_error("read", name_, errno);
      require<DataError>(got > 0, "{}: byte {}: the file ends here; it was cut off while being read", name_,
                         offset);
      next += got;
      offset += static_cast<std::uint64_t>(got);
      bytes -= static_cast<std::size_t>(got);
    }
  }

 private:
  std::string name_;
  FileDescriptor file_;
  std::uint64_t size_ = 0;
};

class MemorySource final : public ByteSource {
 public:
  MemorySource(const void* bytes, std::size_t size, std::string name)
      : bytes_(static_cast<const char*>(bytes)), size_(size), name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  std::uint64_t size() const override { return size_; }

  void read(std::uint64_t offset, void* to, std::size_t bytes) const override {
    require<DataError>(offset <= size_ && bytes <= size_ - offset,
                       "{}: byte {}: {} bytes are wanted, {} are left", name_, offset, bytes,
                       offset <= size_ ? size_ - offset : 0);
    if (bytes > 0) std::memcpy(to, bytes_ + offset, bytes);
  }

 private:
  const char* bytes_;
  std::size_t size_;
  std::string name_;
};

}  // namespace

std::unique_ptr<ByteSource> open_file(const std::filesystem::path& path) {
  return std::make_unique<FileSource>(path);
}

std::unique_ptr<ByteSource> memory_source(const void* bytes, std::size_t size, std::string name) {
  return std::make_unique<MemorySource>(bytes, size, std::move(name));
}

}  // namespace tern
