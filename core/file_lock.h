// A lock between processes that ends with the process that holds it, however that ends.
#pragma once

#include <filesystem>

#include "tern/core/file_descriptor.h"

namespace tern {

/// Holds the file `path`, which it makes and removes; the file names the process that holds it. By flock(2):
/// a file that a killed process left behind locks nothing. File systems without locks are taken as they are.
class FileLock {
 public:
  /// Throws DataError naming the process that holds the lock, or if the file cannot be made.
  explicit FileLock(std::filesystem::path path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
};

}  // namespace tern
