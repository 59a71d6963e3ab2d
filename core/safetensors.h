// Named tensors in files: the safetensors format (https://github.com/huggingface/safetensors).
//
//   8 bytes   N, length of the header, unsigned, little-endian
//   N bytes   JSON object: name -> {"dtype", "shape", "data_offsets": [begin, end)}, and "__metadata__",
//             an object of strings; spaces pad it so that the data starts at a multiple of 8
//   the rest  elements, little-endian, row-major; the tensors cover it without gap or overlap
//
// Files written here carry a CRC-32 of the whole file in their metadata, which the reader verifies before
// anything is used. Files of other programs, which have none, are read as well.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tern/core/byte_source.h"
#include "tern/core/dtype.h"
#include "tern/core/element_type.h"
#include "tern/core/shape.h"
#include "tern/core/tensor.h"

namespace tern {

/// What becomes of floats.
enum class StoredFloats {
  as_stored,  ///< F16 and F64, for which there is no dtype, are refused.
  as_f32,     ///< F16, BF16 and F64 are read as f32.
};

/// What the header of a file says about one tensor.
struct TensorInfo {
  std::string name;
  DType dtype = DType::f32;
  Shape shape;
  /// Of the first and behind the last byte of the elements, from the start of the file.
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  /// The elements in the file, where reading converts them to `dtype`.
  std::optional<ElementType> converted_from;
};

using Metadata = std::map<std::string, std::string>;

/// An open file whose header has been read and checked. Trusts nothing: whatever does not follow the format
/// to the letter, a wrong checksum or a dtype that Tern does not have is a DataError that names the file, the
/// tensor and the byte offset. Never allocates for data more than the file holds.
class SafetensorsFile {
 public:
  static SafetensorsFile open(const std::filesystem::path& path,
                              StoredFloats floats = StoredFloats::as_stored);
  /// The same of a file that is in memory, which must outlive the result; `name` is what errors call it.
  static SafetensorsFile from_memory(const void* bytes, std::size_t size, std::string name);

  /// The metadata as given to write_safetensors, without the keys of the checksum.
  const Metadata& metadata() const { return metadata_; }
  /// The names in the order of the header.
  std::vector<std::string> names() const;
  bool contains(const std::string& name) const { return index_.count(name) != 0; }
  /// Throws DataError, with the nearest existing name, if there is no such tensor.
  const TensorInfo& info(const std::string& name) const;
  /// The tensor, on the CPU, with storage of its own. May be called from several threads.
  Tensor read(const std::string& name) const;

 private:
  explicit SafetensorsFile(std::unique_ptr<ByteSource> source, StoredFloats floats = StoredFloats::as_stored);

  std::unique_ptr<ByteSource> source_;
  Metadata metadata_;
  std::vector<TensorInfo> tensors_;
  std::map<std::string, std::size_t> index_;
};

/// Writes the tensors, from whatever device, atomically (see AtomicFile) and with a checksum. The file holds
/// them by falling element size, so that each is aligned to its elements, and otherwise in the order given.
/// Throws DataError if the file cannot be written, and ShapeError for a name given twice, an undefined
/// tensor, a name or metadata that is not UTF-8, or a metadata key that belongs to the checksum.
void write_safetensors(const std::filesystem::path& path, const Metadata& metadata,
                       const std::vector<std::pair<std::string, Tensor>>& tensors);

/// The bytes of the file that write_safetensors writes.
std::string safetensors_bytes(const Metadata& metadata,
                              const std::vector<std::pair<std::string, Tensor>>& tensors);

}  // namespace tern
