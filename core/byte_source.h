// Random access to bytes, in a file or in memory: what readers of model files read from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace tern {

/// May be read by several threads at once.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  /// What errors call it: the path of a file.
  virtual const std::string& name() const = 0;
  virtual std::uint64_t size() const = 0;
  /// Copies [offset, offset + bytes), which must lie within size(). Throws DataError if the bytes cannot be
  /// read.
  virtual void read(std::uint64_t offset, void* to, std::size_t bytes) const = 0;
};

/// A regular file. Throws DataError naming the path and what to do if it is not a regular file or cannot be
/// opened.
std::unique_ptr<ByteSource> open_file(const std::filesystem::path& path);

/// Memory, which must outlive the source.
std::unique_ptr<ByteSource> memory_source(const void* bytes, std::size_t size, std::string name);

}  // namespace tern
