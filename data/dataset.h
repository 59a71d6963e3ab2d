// A labelled set of images, read one sample at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tern/data/image.h"

namespace tern {

struct Sample {
  Image image;
  std::int64_t label = 0;
};

struct PartialSample {
  ImagePart part;
  std::int64_t label = 0;
};

/// `load` and `load_part` may be called from several threads at once.
class Dataset {
 public:
  virtual ~Dataset() = default;

  virtual std::int64_t size() const = 0;
  /// Names of the classes; a label is an index into them.
  virtual const std::vector<std::string>& class_names() const = 0;
  /// The label of sample `index`; by default that of the loaded sample.
  virtual std::int64_t label_of(std::int64_t index) const { return load(index).label; }
  /// Reads and decodes sample `index`. Throws DataError naming the sample if it cannot be decoded.
  virtual Sample load(std::int64_t index) const = 0;
  /// Sample `index`, of which the region that `choose` asks for is enough (decode_image_part). By default
  /// what load() gives.
  virtual PartialSample load_part(std::int64_t index, const ChooseRegion& choose) const;
  /// What an error message calls the sample: its path, or file and record number.
  virtual std::string name_of(std::int64_t index) const = 0;

  /// The extents of the image, from its header alone; nothing if no header tells. Throws what load() would
  /// for what the header shows: another format, too many pixels. May be called from several threads at once.
  virtual std::optional<ImageExtents> extents_of(std::int64_t /*index*/) const { return std::nullopt; }
  /// Files beside the samples that are none, by suffix.
  virtual std::map<std::string, std::int64_t> ignored_files() const { return {}; }
  /// A checksum of the samples, their labels and their order, wherever they are stored. By default of their
  /// names.
  virtual std::uint32_t fingerprint() const;
};

/// The indices of the samples of each class, ascending. Throws DataError for a label that is no class.
std::vector<std::vector<std::int64_t>> samples_by_class(const Dataset& dataset);

}  // namespace tern
