#include "tern/data/dataset.h"

#include "tern/core/crc32.h"
#include "tern/core/error.h"

namespace tern {

PartialSample Dataset::load_part(std::int64_t index, const ChooseRegion& /*choose*/) const {
  Sample sample = load(index);
  const ImageExtents extents{sample.image.height, sample.image.width};
  return {{std::move(sample.image), 0, 0, extents}, sample.label};
}

std::uint32_t Dataset::fingerprint() const {
  std::uint32_t sum = 0;
  for (std::int64_t i = 0; i < size(); ++i) {
    const std::string name = name_of(i);
    sum = crc32(sum, name.c_str(), name.size() + 1);
  }
  return sum;
}

std::vector<std::vector<std::int64_t>> samples_by_class(const Dataset& dataset) {
  std::vector<std::vector<std::int64_t>> classes(dataset.class_names().size());
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    const std::int64_t label = dataset.label_of(i);
    require<DataError>(label >= 0 && label < static_cast<std::int64_t>(classes.size()),
                       "{}: label {} is not in [0, {}), the classes of the data set", dataset.name_of(i),
                       label, classes.size());
    classes[static_cast<std::size_t>(label)].push_back(i);
  }
  return classes;
}

}  // namespace tern
