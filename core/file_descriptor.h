// A POSIX file descriptor with an owner, and the one way in which file errors are reported.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

namespace tern {

/// Owns a descriptor and closes it. Movable, not copyable.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor();

  int number() const { return number_; }
  bool valid() const { return number_ >= 0; }
  /// Closes now and returns close()'s errno, or 0: network file systems report lost writes only here.
  int close() noexcept;

 private:
  int number_ = -1;
};

/// Throws DataError "cannot <action> <path>: <the system's reason>; <what to do>" for an errno value.
[[noreturn]] void throw_file_error(std::string_view action, const std::filesystem::path& path,
                                   int error_number);

}  // namespace tern
