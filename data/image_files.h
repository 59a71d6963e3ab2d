// Data sets that are lists of image files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tern/data/dataset.h"
#include "tern/data/image_file.h"

namespace tern {

/// A derived class fills the list.
class ImageFiles : public Dataset {
 public:
  std::int64_t size() const override { return static_cast<std::int64_t>(files_.size()); }
  const std::vector<std::string>& class_names() const override { return class_names_; }
  std::int64_t label_of(std::int64_t index) const override { return file(index).label; }
  Sample load(std::int64_t index) const override;
  PartialSample load_part(std::int64_t index, const ChooseRegion& choose) const override;
  std::string name_of(std::int64_t index) const override;

  std::optional<ImageExtents> extents_of(std::int64_t index) const override;
  /// Of the paths below the root, the labels and the sizes of the files.
  std::uint32_t fingerprint() const override;

 protected:
  struct File {
    std::string path;  // below the root, or absolute
    std::int64_t label;
  };

  ImageFiles(std::filesystem::path root, const ImageOptions& options);

  const std::filesystem::path& root() const { return root_; }

  std::vector<std::string> class_names_;
  std::vector<File> files_;

 private:
  const File& file(std::int64_t index) const;

  std::filesystem::path root_;
  ImageOptions options_;
};

}  // namespace tern
