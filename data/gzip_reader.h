// Sequential reading of a file that may be compressed by gzip.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

struct gzFile_s;

namespace tern {

/// Whether the file is compressed is told by its first bytes, not by its name.
class GzipReader {
 public:
  /// Throws DataError if the file is missing, empty or no regular file.
  explicit GzipReader(const std::filesystem::path& path);

  /// Fills `out`. Throws DataError with the byte offset if the data end before, or if the compressed stream
  /// is corrupt or cut off.
  void read(std::span<std::uint8_t> out);
  /// Throws DataError unless all data have been read; gzip's checksum is verified here.
  void expect_end();
  /// An upper bound of the bytes that the file can hold, compressed or not, from its size on the disk.
  std::uint64_t max_data_bytes() const;

 private:
  std::size_t read_some(std::span<std::uint8_t> out);

  std::filesystem::path path_;
  std::uint64_t file_bytes_;
  std::unique_ptr<gzFile_s, int (*)(gzFile_s*)> file_;
};

}  // namespace tern
