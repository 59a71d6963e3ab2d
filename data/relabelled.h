// A data set in the numbers of another list of classes, such as that of a network.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tern/data/dataset.h"

namespace tern {

class Relabelled final : public Dataset {
 public:
  /// The samples of `dataset`, whose classes must all be in `class_names`: it may have fewer, and in another
  /// order. Throws DataError naming one that is not.
  Relabelled(std::unique_ptr<const Dataset> dataset, std::vector<std::string> class_names);

  std::int64_t size() const override { return dataset_->size(); }
  const std::vector<std::string>& class_names() const override { return class_names_; }
  std::int64_t label_of(std::int64_t index) const override { return number(dataset_->label_of(index)); }
  Sample load(std::int64_t index) const override;
  PartialSample load_part(std::int64_t index, const ChooseRegion& choose) const override;
  std::string name_of(std::int64_t index) const override { return dataset_->name_of(index); }
  std::optional<ImageExtents> extents_of(std::int64_t index) const override {
    return dataset_->extents_of(index);
  }
  std::map<std::string, std::int64_t> ignored_files() const override { return dataset_->ignored_files(); }

 private:
  std::int64_t number(std::int64_t label) const { return numbers_.at(static_cast<std::size_t>(label)); }

  std::unique_ptr<const Dataset> dataset_;
  std::vector<std::string> class_names_;
  std::vector<std::int64_t> numbers_;  // of the labels of `dataset_`
};

}  // namespace tern
