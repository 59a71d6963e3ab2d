// A file of torch.save: a pickle, and the elements of the storages that it names.
//
//   since PyTorch 1.6   a zip archive: NAME/data.pkl, NAME/data/KEY for each storage, NAME/byteorder
//   before, and with _use_new_zipfile_serialization=False
//                       five pickles: a magic number, a version, sizes of types, the data, the keys of the
//                       storages; then, in the order of these keys, each storage's number of elements (8
//                       bytes) and its elements
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tern/core/byte_source.h"
#include "tern/models/formats/pytorch/pickle_value.h"

namespace tern::pytorch {

class Archive {
 public:
  virtual ~Archive() = default;

  /// What was saved. Lives as long as this.
  virtual const Value& root() const = 0;
  /// The bytes of a storage that root() names. Throws DataError naming the file and the storage if the file
  /// has not as many as it promises.
  virtual std::vector<char> read(const Storage& storage) = 0;
};

/// Opens either. Throws DataError naming the file, the pickle and the byte. Allocates for nothing that the
/// file does not hold.
std::unique_ptr<Archive> open_archive(const std::string& path);

/// By its first bytes.
bool is_archive(const ByteSource& file);

/// Each kind. `path` is a regular file, `file` its bytes.
std::unique_ptr<Archive> open_zip_archive(const std::string& path, std::uint64_t file_bytes);
std::unique_ptr<Archive> open_legacy_archive(std::unique_ptr<ByteSource> file);

}  // namespace tern::pytorch
