#include "tern/data/idx.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>

#include "tern/core/crc32.h"
#include "tern/core/error.h"
#include "tern/data/gzip_reader.h"

namespace tern {
namespace fs = std::filesystem;
namespace {

constexpr std::uint8_t kUnsignedByte = 0x08;
constexpr std::uint32_t kMaxSide = 65535;
constexpr std::uint8_t kDigits = 10;

/// One of the usual names of `part` ("train-images", "idx3-ubyte").
fs::path find_file(const fs::path& root, const std::string& stem, const std::string& kind) {
  for (const char* separator : {"-", "."}) {
    for (const char* suffix : {"", ".gz"}) {
      const fs::path path = root / (stem + separator + kind + suffix);
      if (fs::exists(path)) return path;
    }
  }
  throw DataError(fmt::format("{}: has no {}-{} (nor with a dot, nor with .gz)", root.string(), stem, kind));
}

std::uint32_t read_big_endian(GzipReader& reader) {
  std::array<std::uint8_t, 4> bytes{};
  reader.read(bytes);
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

/// Checks the magic number and returns the extents.
std::vector<std::uint32_t> read_header(GzipReader& reader, const fs::path& path, std::size_t rank) {
  std::array<std::uint8_t, 4> magic{};
  reader.read(magic);
  require<DataError>(magic[0] == 0 && magic[1] == 0,
                     "{}: is not an IDX file: it begins with bytes {:#04x} {:#04x}, expected two zeros",
                     path.string(), magic[0], magic[1]);
  require<DataError>(magic[2] == kUnsignedByte,
                     "{}: element type {:#04x} at byte 2, expected {:#04x} (unsigned bytes)", path.string(),
                     magic[2], kUnsignedByte);
  require<DataError>(magic[3] == rank, "{}: has {} dimensions (byte 3), expected {}; {}", path.string(),
                     magic[3], rank, "images have 3, labels 1: are the two files swapped?");
  std::vector<std::uint32_t> extents(rank);
  for (std::uint32_t& extent : extents) extent = read_big_endian(reader);
  return extents;
}

struct IdxArray {
  std::vector<std::uint32_t> extents;
  std::vector<std::uint8_t> elements;
};

IdxArray read_idx(const fs::path& path, std::size_t rank) {
  GzipReader reader(path);
  IdxArray array{read_header(reader, path, rank), {}};
  std::uint64_t count = array.extents[0];
  require<DataError>(count > 0, "{}: has no items (bytes 4 to 7 are 0)", path.string());
  for (std::size_t d = 1; d < rank; ++d) {
    // With sides below 2^16 the product of 32 + 16 + 16 bits cannot overflow.
    require<DataError>(array.extents[d] >= 1 && array.extents[d] <= kMaxSide,
                       "{}: images of {} rows or columns (byte {}), expected 1 to {}", path.string(),
                       array.extents[d], 4 + 4 * d, kMaxSide);
    count *= array.extents[d];
  }
  // Before memory is taken for them: a damaged header can claim any number.
  require<DataError>(
      count <= reader.max_data_bytes(),
      "{}: the header (bytes 4 to {}) says {} bytes of data, more than the file can hold ({}); "
      "get it again",
      path.string(), 3 + 4 * rank, count, reader.max_data_bytes());
  array.elements.resize(count);
  reader.read(array.elements);
  reader.expect_end();
  return array;
}

/// The labels that are classes, in rising order.
std::vector<std::uint8_t> classes_of(const std::vector<std::uint8_t>& labels) {
  const std::set<std::uint8_t> distinct(labels.begin(), labels.end());
  if (*distinct.rbegin() >= kDigits) return {distinct.begin(), distinct.end()};
  std::vector<std::uint8_t> digits(kDigits);
  std::iota(digits.begin(), digits.end(), std::uint8_t{0});
  return digits;
}

fs::path labels_path(const fs::path& root, Split split) {
  return find_file(root, split == Split::train ? "train-labels" : "t10k-labels", "idx1-ubyte");
}

bool has_training_labels(const fs::path& root) {
  try {
    labels_path(root, Split::train);
    return true;
  } catch (const DataError&) {
    return false;
  }
}

}  // namespace

IdxDataset::IdxDataset(const fs::path& root, Split split) {
  const std::string prefix = split == Split::train ? "train" : "t10k";
  const fs::path images_path = find_file(root, prefix + "-images", "idx3-ubyte");
  const fs::path labels_file = labels_path(root, split);
  IdxArray images = read_idx(images_path, 3);
  IdxArray labels = read_idx(labels_file, 1);
  require<DataError>(images.extents[0] == labels.extents[0], "{} has {} images, but {} has {} labels",
                     images_path.string(), images.extents[0], labels_file.string(), labels.extents[0]);
  images_path_ = images_path.string();
  height_ = static_cast<int>(images.extents[1]);
  width_ = static_cast<int>(images.extents[2]);
  pixels_ = std::move(images.elements);
  labels_ = std::move(labels.elements);
  const bool own_classes = split == Split::train || !has_training_labels(root);
  map_labels(classes_of(own_classes ? labels_ : read_idx(labels_path(root, Split::train), 1).elements),
             labels_file);
}

void IdxDataset::map_labels(const std::vector<std::uint8_t>& classes, const fs::path& path) {
  for (const std::uint8_t label : classes) class_names_.push_back(std::to_string(label));
  for (std::uint8_t& label : labels_) {
    const auto found = std::lower_bound(classes.begin(), classes.end(), label);
    require<DataError>(found != classes.end() && *found == label,
                       "{}: has the label {}, which none of the training images has", path.string(), label);
    label = static_cast<std::uint8_t>(found - classes.begin());
  }
}

std::uint32_t IdxDataset::fingerprint() const {
  return crc32(crc32(0, pixels_.data(), pixels_.size()), labels_.data(), labels_.size());
}

void IdxDataset::check_index(std::int64_t index) const {
  require<ShapeError>(index >= 0 && index < size(), "idx: index {} of {} images", index, size());
}

std::int64_t IdxDataset::label_of(std::int64_t index) const {
  check_index(index);
  return labels_[static_cast<std::size_t>(index)];
}

Sample IdxDataset::load(std::int64_t index) const {
  check_index(index);
  const std::size_t count = static_cast<std::size_t>(height_) * static_cast<std::size_t>(width_);
  const std::uint8_t* grey = pixels_.data() + static_cast<std::size_t>(index) * count;
  Image image{height_, width_, {}};
  image.pixels.reserve(3 * count);
  for (std::size_t i = 0; i < count; ++i) image.pixels.insert(image.pixels.end(), 3, grey[i]);
  return {std::move(image), labels_[static_cast<std::size_t>(index)]};
}

std::string IdxDataset::name_of(std::int64_t index) const {
  check_index(index);
  return fmt::format("{} image {}", images_path_, index);
}

}  // namespace tern
