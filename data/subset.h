// Some of the samples of a data set, such as those that are kept for validation.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tern/data/dataset.h"

namespace tern {

/// Of all classes of the whole.
class Subset final : public Dataset {
 public:
  /// `indices` are those of the samples in `whole`, in the order that they shall have; `ignored_files` is
  /// what ignored_files() says.
  Subset(std::shared_ptr<const Dataset> whole, std::vector<std::int64_t> indices,
         std::map<std::string, std::int64_t> ignored_files = {});

  std::int64_t size() const override { return static_cast<std::int64_t>(indices_.size()); }
  const std::vector<std::string>& class_names() const override { return whole_->class_names(); }
  std::int64_t label_of(std::int64_t index) const override { return whole_->label_of(in_whole(index)); }
  Sample load(std::int64_t index) const override { return whole_->load(in_whole(index)); }
  PartialSample load_part(std::int64_t index, const ChooseRegion& choose) const override {
    return whole_->load_part(in_whole(index), choose);
  }
  std::string name_of(std::int64_t index) const override { return whole_->name_of(in_whole(index)); }
  std::optional<ImageExtents> extents_of(std::int64_t index) const override {
    return whole_->extents_of(in_whole(index));
  }
  std::map<std::string, std::int64_t> ignored_files() const override { return ignored_files_; }
  /// Of the whole and the indices.
  std::uint32_t fingerprint() const override;

 private:
  std::int64_t in_whole(std::int64_t index) const;

  std::shared_ptr<const Dataset> whole_;
  std::vector<std::int64_t> indices_;
  std::map<std::string, std::int64_t> ignored_files_;
};

struct TrainingSplit {
  std::vector<std::int64_t> training, validation;  // ascending
};

/// Divides a data set at random, by `seed` alone, class by class: of n samples of a class, n * `fraction`,
/// rounded, are for validation, but at least 1 and at most n - 1; of a single sample none. Throws DataError
/// if nothing is left for validation.
TrainingSplit split_stratified(const Dataset& dataset, double fraction, std::uint64_t seed);

}  // namespace tern
