#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tern/data/bad_images.h"
#include "tern/data/dataset.h"
#include "tern/data/image_file.h"
#include "tern/data/split.h"

namespace tern {

/// The names of the formats that open_dataset knows.
std::vector<std::string> dataset_formats();

/// A data set on disk. `format` is one of dataset_formats(); `folder` the sub-folder of `path`
/// that holds the split (image_folder only; "" for `path` itself).
struct DatasetSource {
  std::string format;
  std::string path;
  std::string folder;
  Split split = Split::test;
  ImageOptions images;
};

/// Opens it. Throws ConfigError for an unknown format and DataError for what is wrong with the files.
std::unique_ptr<Dataset> open_dataset(const DatasetSource& source);

/// "fail" or "skip".
BadImagePolicy parse_bad_image_policy(const std::string& name);

}  // namespace tern
