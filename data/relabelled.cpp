#include "tern/data/relabelled.h"

#include <algorithm>
#include <utility>

#include "tern/core/error.h"
#include "tern/core/quote.h"

namespace tern {

Relabelled::Relabelled(std::unique_ptr<const Dataset> dataset, std::vector<std::string> class_names)
    : dataset_(std::move(dataset)), class_names_(std::move(class_names)) {
  for (const std::string& name : dataset_->class_names()) {
    const auto found = std::find(class_names_.begin(), class_names_.end(), name);
    require<DataError>(found != class_names_.end(), "the class {} is none of the {} that are known",
                       quote(name), class_names_.size());
    numbers_.push_back(found - class_names_.begin());
  }
}

Sample Relabelled::load(std::int64_t index) const {
  Sample sample = dataset_->load(index);
  sample.label = number(sample.label);
  return sample;
}

PartialSample Relabelled::load_part(std::int64_t index, const ChooseRegion& choose) const {
  PartialSample sample = dataset_->load_part(index, choose);
  sample.label = number(sample.label);
  return sample;
}

}  // namespace tern
