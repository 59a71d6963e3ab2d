// A table of images and their classes: a CSV file whose first line names the columns.
#pragma once

#include <filesystem>
#include <string>

#include "tern/data/image_files.h"

namespace tern {

struct CsvColumns {
  std::string path = "path";
  std::string label = "label";
};

/// Classes are the different labels, sorted bytewise; samples are in the order of the lines. A path is taken
/// from the folder of the file on, unless it is absolute. Other columns are not looked at.
class CsvImages final : public ImageFiles {
 public:
  /// Throws DataError naming file and line if the file cannot be read or is no CSV (csv.h), a column is
  /// missing, a row has another number of fields than the first, a path or label is empty, or a label is not
  /// UTF-8. Whether the images are there shows when they are looked at.
  explicit CsvImages(const std::filesystem::path& file, const CsvColumns& columns = {},
                     const ImageOptions& options = {});
};

}  // namespace tern
