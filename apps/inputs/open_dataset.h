#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tern/data/bad_images.h"
#include "tern/data/csv_images.h"
#include "tern/data/dataset.h"
#include "tern/data/image_file.h"
#include "tern/data/split.h"

namespace tern {

/// The names of the formats that open_dataset knows.
std::vector<std::string> dataset_formats();

/// A data set on disk. `format` is one of dataset_formats(); `part` what holds the split below `path`, of an
/// image_folder a sub-folder, of a csv the file; "" for `path` itself.
struct DatasetSource {
  std::string format;
  std::string path;
  std::string part;
  Split split = Split::test;
  ImageOptions images{};
  CsvColumns columns{};
};

/// Opens it. Throws ConfigError for an unknown format and DataError for what is wrong with the files.
std::unique_ptr<Dataset> open_dataset(const DatasetSource& source);

/// "fail" or "skip".
BadImagePolicy parse_bad_image_policy(const std::string& name);

}  // namespace tern
