// Image sets in the IDX format of MNIST (http://yann.lecun.com/exdb/mnist), also as .gz.
//
// A file is a magic number (0, 0, element type, number of dimensions), the extents as big-endian 32-bit
// numbers, then the elements. Read are images of unsigned bytes, (N, H, W), and labels, (N).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tern/data/dataset.h"
#include "tern/data/split.h"

namespace tern {

/// All images of a split, in memory; grey is replicated to RGB.
class IdxDataset final : public Dataset {
 public:
  /// Opens `{train,t10k}-images-idx3-ubyte` and `-labels-idx1-ubyte` in `root`; `.idx3-ubyte` with a dot and
  /// a further `.gz` are accepted too. Throws DataError, naming file and byte offset, if a file is missing,
  /// corrupt or of another kind, or if images and labels differ in number.
  IdxDataset(const std::filesystem::path& root, Split split);

  std::int64_t size() const override { return static_cast<std::int64_t>(labels_.size()); }
  /// The format has no names: "0" to "9", or, where there are larger labels, the labels of the training
  /// images in rising order, such as "1" to "26" (EMNIST letters).
  const std::vector<std::string>& class_names() const override { return class_names_; }
  std::int64_t label_of(std::int64_t index) const override;
  Sample load(std::int64_t index) const override;
  std::string name_of(std::int64_t index) const override;
  std::uint32_t fingerprint() const override;

 private:
  /// From the numbers in the file to the indices of `classes`.
  void map_labels(const std::vector<std::uint8_t>& classes, const std::filesystem::path& path);
  void check_index(std::int64_t index) const;

  std::string images_path_;
  int height_ = 0;
  int width_ = 0;
  std::vector<std::uint8_t> pixels_;  // (N, H, W)
  std::vector<std::uint8_t> labels_;  // indices of the classes
  std::vector<std::string> class_names_;
};

}  // namespace tern
