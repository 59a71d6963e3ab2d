// CIFAR-10 and CIFAR-100 in their binary version (https://www.cs.toronto.edu/~kriz/cifar.html).
//
// A file is a row of records: the label byte (CIFAR-100: coarse label, then the fine one, which is used),
// then 3 x 32 x 32 bytes, the red plane first (CHW). Images come out as HWC.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tern/data/dataset.h"
#include "tern/data/split.h"

namespace tern {

enum class CifarVariant { cifar10, cifar100 };

/// All records of a split, in memory (150 MB for the 50,000 of training).
class CifarDataset final : public Dataset {
 public:
  /// `root` holds the files themselves or the folder that the archive unpacks to. Throws DataError if files
  /// are missing, a file is not a whole number of records, or a label is out of range; the message names
  /// file and byte offset.
  CifarDataset(const std::filesystem::path& root, CifarVariant variant, Split split);

  std::int64_t size() const override { return static_cast<std::int64_t>(labels_.size()); }
  const std::vector<std::string>& class_names() const override { return class_names_; }
  std::int64_t label_of(std::int64_t index) const override;
  Sample load(std::int64_t index) const override;
  std::string name_of(std::int64_t index) const override;
  std::uint32_t fingerprint() const override;

 private:
  struct File {
    std::string path;
    std::int64_t first_index;
  };

  void append(const std::filesystem::path& path, std::size_t label_bytes);
  void check_index(std::int64_t index) const;

  std::vector<std::string> class_names_;
  std::vector<File> files_;
  std::vector<std::uint8_t> labels_;
  std::vector<std::uint8_t> planes_;  // (N, 3, 32, 32)
};

}  // namespace tern
