// A folder of images, one sub-folder per class: ROOT/CLASS/*.jpg, the layout of ImageNet and torchvision.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "tern/data/image_files.h"

namespace tern {

/// Classes are sorted by name, files by their path below the root, both bytewise, so that labels and order
/// are the same on every machine. Files end like images (has_image_suffix) and may lie in nested folders
/// below their class; symbolic links are followed. Names that begin with a dot are ignored.
class ImageFolder final : public ImageFiles {
 public:
  /// Lists the files. Throws DataError if the folder is missing or unreadable, has no class folders, or a
  /// class has no image or a name that is not UTF-8.
  explicit ImageFolder(std::filesystem::path root, const ImageOptions& options = {});

  /// Visible files with another suffix, or beside the class folders.
  std::map<std::string, std::int64_t> ignored_files() const override { return ignored_files_; }

 private:
  void list_class(std::int64_t label);

  std::map<std::string, std::int64_t> ignored_files_;
};

}  // namespace tern
