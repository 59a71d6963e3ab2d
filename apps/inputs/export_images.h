#pragma once

#include <string>

namespace tern {

/// Converts a data set (see DatasetSource::format) at `source` to OUT/train/CLASS/000000.jpg and OUT/test/...
/// Complete or nothing: writes to OUT.tmp, which is renamed in the end. Throws DataError if `out` exists or
/// cannot be written.
void export_images(const std::string& format, const std::string& source, const std::string& out, int quality);

}  // namespace tern
