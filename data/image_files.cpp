#include "tern/data/image_files.h"

#include <system_error>
#include <utility>

#include "tern/core/crc32.h"
#include "tern/core/error.h"

namespace tern {
namespace fs = std::filesystem;

ImageFiles::ImageFiles(fs::path root, const ImageOptions& options)
    : root_(std::move(root)), options_(options) {}

const ImageFiles::File& ImageFiles::file(std::int64_t index) const {
  require<ShapeError>(index >= 0 && index < size(), "images of {}: index {} of {}", root_.string(), index,
                      size());
  return files_[static_cast<std::size_t>(index)];
}

Sample ImageFiles::load(std::int64_t index) const {
  const File& entry = file(index);
  return {read_image(root_ / entry.path, options_), entry.label};
}

PartialSample ImageFiles::load_part(std::int64_t index, const ChooseRegion& choose) const {
  const File& entry = file(index);
  return {read_image_part(root_ / entry.path, options_, choose), entry.label};
}

std::optional<ImageExtents> ImageFiles::extents_of(std::int64_t index) const {
  return read_image_extents(root_ / file(index).path, options_);
}

std::uint32_t ImageFiles::fingerprint() const {
  std::uint32_t sum = 0;
  for (const File& entry : files_) {
    std::error_code ignored;  // a file that cannot be read is reported when it is loaded
    const std::uint64_t numbers[] = {static_cast<std::uint64_t>(entry.label),
                                     fs::file_size(root_ / entry.path, ignored)};
    sum = crc32(crc32(sum, entry.path.c_str(), entry.path.size() + 1), numbers, sizeof numbers);
  }
  return sum;
}

std::string ImageFiles::name_of(std::int64_t index) const {
  return (root_ / file(index).path).string();
}

}  // namespace tern
