// A file that grows at its end.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tern {

class AppendFile {
 public:
  /// Opens `path` for appending after its first `keep_bytes` bytes; the rest is cut off, and what is missing
  /// is created. Throws DataError if that fails.
  AppendFile(std::string path, std::uintmax_t keep_bytes);

  /// Appends `bytes` and hands them to the system. Throws DataError if that fails, as on a full disk.
  void append(std::string_view bytes);

  /// Makes what was appended survive a power failure. Throws DataError if that fails.
  void sync();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

/// The lines of the file `path` without their ends; none if there is no file. A last line without an end is
/// left out: the program was stopped while it wrote it. Throws DataError if the file cannot be read.
std::vector<std::string> read_complete_lines(const std::string& path);

}  // namespace tern
