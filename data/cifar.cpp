#include "tern/data/cifar.h"

#include <algorithm>
#include <fstream>

#include "tern/core/crc32.h"
#include "tern/core/error.h"
#include "tern/data/read_file.h"

namespace tern {
namespace fs = std::filesystem;
namespace {

constexpr int kSide = 32;
constexpr std::size_t kPlane = kSide * kSide;
constexpr std::size_t kImageBytes = 3 * kPlane;
// The largest official file, train.bin of CIFAR-100, has 153.7 MB.
constexpr std::uint64_t kMaxFileBytes = 1 << 30;

struct Format {
  const char* folder;  // what the archive unpacks to
  const char* class_names;
  std::size_t classes;
  std::size_t label_bytes;  // the last of them is the label
  std::vector<std::string> train;
  std::vector<std::string> test;
};

Format format_of(CifarVariant variant) {
  if (variant == CifarVariant::cifar100) {
    return {"cifar-100-binary", "fine_label_names.txt", 100, 2, {"train.bin"}, {"test.bin"}};
  }
  return {
      "cifar-10-batches-bin",
      "batches.meta.txt",
      10,
      1,
      {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
      {"test_batch.bin"}};
}

fs::path find_folder(const fs::path& root, const Format& format) {
  for (const fs::path& folder : {root, root / format.folder}) {
    if (fs::exists(folder / format.class_names)) return folder;
  }
  throw DataError(fmt::format(
      "{}: neither it nor its sub-folder {} holds {}; expected the unpacked binary version of the "
      "data set (the Python and Matlab versions cannot be read)",
      root.string(), format.folder, format.class_names));
}

std::vector<std::string> read_class_names(const fs::path& path, std::size_t classes) {
  std::ifstream file(path);
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  require<DataError>(names.size() == classes, "{}: has {} class names, one a line; expected {}",
                     path.string(), names.size(), classes);
  return names;
}

}  // namespace

CifarDataset::CifarDataset(const fs::path& root, CifarVariant variant, Split split) {
  const Format format = format_of(variant);
  const fs::path folder = find_folder(root, format);
  class_names_ = read_class_names(folder / format.class_names, format.classes);
  for (const std::string& name : split == Split::train ? format.train : format.test) {
    append(folder / name, format.label_bytes);
  }
}

void CifarDataset::append(const fs::path& path, std::size_t label_bytes) {
  const std::vector<std::uint8_t> bytes = read_file(path, kMaxFileBytes);
  const std::size_t record = label_bytes + kImageBytes;
  require<DataError>(bytes.size() % record == 0,
                     "{}: has {} bytes, not a whole number of {}-byte records: the one at byte offset {} is "
                     "cut off; unpack the archive again",
                     path.string(), bytes.size(), record, bytes.size() / record * record);
  files_.push_back({path.string(), size()});
  for (std::size_t offset = 0; offset < bytes.size(); offset += record) {
    const std::size_t label_offset = offset + label_bytes - 1;
    require<DataError>(bytes[label_offset] < class_names_.size(),
                       "{}: label {} at byte offset {} is out of range, expected 0 to {}; unpack the archive "
                       "again",
                       path.string(), bytes[label_offset], label_offset, class_names_.size() - 1);
    labels_.push_back(bytes[label_offset]);
    const auto image = bytes.begin() + static_cast<std::ptrdiff_t>(label_offset + 1);
    planes_.insert(planes_.end(), image, image + kImageBytes);
  }
}

void CifarDataset::check_index(std::int64_t index) const {
  require<ShapeError>(index >= 0 && index < size(), "cifar: index {} of {} images", index, size());
}

std::int64_t CifarDataset::label_of(std::int64_t index) const {
  check_index(index);
  return labels_[static_cast<std::size_t>(index)];
}

Sample CifarDataset::load(std::int64_t index) const {
  check_index(index);
  const std::uint8_t* planes = planes_.data() + static_cast<std::size_t>(index) * kImageBytes;
  Image image{kSide, kSide, std::vector<std::uint8_t>(kImageBytes)};
  for (std::size_t i = 0; i < kPlane; ++i) {
    for (std::size_t c = 0; c < 3; ++c) image.pixels[3 * i + c] = planes[c * kPlane + i];
  }
  return {std::move(image), labels_[static_cast<std::size_t>(index)]};
}

std::uint32_t CifarDataset::fingerprint() const {
  return crc32(crc32(0, planes_.data(), planes_.size()), labels_.data(), labels_.size());
}

std::string CifarDataset::name_of(std::int64_t index) const {
  check_index(index);
  const auto next = std::find_if(files_.begin(), files_.end(),
                                 [index](const File& file) { return file.first_index > index; });
  const File& file = *(next - 1);
  return fmt::format("{} record {}", file.path, index - file.first_index);
}

}  // namespace tern
