// Files that are replaced as a whole or not at all.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "tern/core/file_descriptor.h"

namespace tern {

/// Writes `<target>.tmp` beside the target; commit() makes it durable and gives it the target's name and, if
/// there was a file before, that one's permissions. Until then, and after any failure, the previous file is
/// as it was. One writer per path at a time. The target is `path` or, if that is a symbolic link, what it
/// leads to; a device or a pipe is written in place.
///
/// Every failure (disk full, read-only or missing directory, ...) is a DataError with the path, the
/// system's reason and what to do about it.
class AtomicFile {
 public:
  /// Creates the temporary file; one that an interrupted run left behind is overwritten.
  explicit AtomicFile(std::filesystem::path path);
  /// Removes the temporary file, if there is one, unless commit() succeeded.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends. Unbuffered: hand over large pieces.
  void write(const void* data, std::size_t bytes);
  /// fsync, rename to the target, fsync of the directory. Once; nothing can be written afterwards. Of a
  /// device or a pipe only the fsync, where it has one.
  void commit();

 private:
  void open_temporary(mode_t permissions);

  std::filesystem::path path_;
  std::filesystem::path temporary_;  // empty: written in place
  FileDescriptor file_;
  bool renamed_ = false;
};

/// Replaces the file at `path` by `content` through an AtomicFile.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace tern
