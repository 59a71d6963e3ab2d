// A folder of images, one sub-folder per class: ROOT/CLASS/*.jpg, the layout of ImageNet and torchvision.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tern/data/dataset.h"
#include "tern/data/image_file.h"

namespace tern {

/// Classes are sorted by name, files by their path below the root, both bytewise, so that labels and order
/// are the same on every machine. Files end like images (has_image_suffix) and may lie in nested folders
/// below their class; symbolic links are followed. Names that begin with a dot are ignored.
class ImageFolder final : public Dataset {
 public:
  /// Lists the files. Throws DataError if the folder is missing or unreadable, has no class folders, or a
  /// class has no image or a name that is not UTF-8.
  explicit ImageFolder(std::filesystem::path root, const ImageOptions& options = {});

  std::int64_t size() const override { return static_cast<std::int64_t>(files_.size()); }
  const std::vector<std::string>& class_names() const override { return class_names_; }
  Sample load(std::int64_t index) const override;
  std::string name_of(std::int64_t index) const override;

  std::optional<ImageExtents> extents_of(std::int64_t index) const override;
  /// Visible files with another suffix, or beside the class folders.
  std::map<std::string, std::int64_t> ignored_files() const override { return ignored_files_; }
  /// Of the paths below the root, the labels and the sizes of the files.
  std::uint32_t fingerprint() const override;

 private:
  struct File {
    std::string path;  // below the root
    std::int64_t label;
  };

  void list_class(std::int64_t label);
  const File& file(std::int64_t index) const;

  std::filesystem::path root_;
  ImageOptions options_;
  std::vector<std::string> class_names_;
  std::vector<File> files_;
  std::map<std::string, std::int64_t> ignored_files_;
};

}  // namespace tern
