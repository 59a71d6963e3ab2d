#include "tern/data/subset.h"

#include <algorithm>
#include <set>

#include "tern/data/relabelled.h"
#include "tests/data/colour_dataset.h"
#include "tests/data/data_error.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

using Catch::Contains;
using test::ColourDataset;

/// Sample i of `counts[0]` + ... has the label of its class, in this order.
class Labels final : public Dataset {
 public:
  explicit Labels(const std::vector<int>& counts) {
    for (std::size_t label = 0; label < counts.size(); ++label) {
      class_names_.push_back(std::string(1, static_cast<char>('a' + label)));
      labels_.insert(labels_.end(), static_cast<std::size_t>(counts[label]),
                     static_cast<std::int64_t>(label));
    }
  }
  std::int64_t size() const override { return static_cast<std::int64_t>(labels_.size()); }
  const std::vector<std::string>& class_names() const override { return class_names_; }
  std::int64_t label_of(std::int64_t index) const override {
    return labels_.at(static_cast<std::size_t>(index));
  }
  Sample load(std::int64_t index) const override {
    return {Image{1, 1, {static_cast<std::uint8_t>(index), 0, 0}}, label_of(index)};
  }
  std::string name_of(std::int64_t index) const override { return std::to_string(index); }

 private:
  std::vector<std::string> class_names_;
  std::vector<std::int64_t> labels_;
};

TEST_CASE("split: a share of each class, without overlap, nothing lost") {
  const Labels dataset({100, 10, 4, 2, 1, 0});
  const TrainingSplit split = split_stratified(dataset, 0.2, 5);
  const std::vector<std::int64_t> expected = {20, 2, 1, 1, 0, 0};
  const Subset validation(std::make_shared<Labels>(dataset), split.validation);
  const auto by_class = samples_by_class(validation);
  for (std::size_t label = 0; label < expected.size(); ++label) {
    CHECK(static_cast<std::int64_t>(by_class[label].size()) == expected[label]);
  }
  std::vector<std::int64_t> all;
  std::merge(split.training.begin(), split.training.end(), split.validation.begin(), split.validation.end(),
             std::back_inserter(all));
  REQUIRE(all.size() == 117);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i] == static_cast<std::int64_t>(i));
}

TEST_CASE("split: a class keeps an image to train on, and the seed alone decides which") {
  const Labels dataset({100, 2});
  const TrainingSplit most = split_stratified(dataset, 0.99, 5);
  CHECK(std::count_if(most.training.begin(), most.training.end(), [](auto i) { return i >= 100; }) == 1);
  CHECK(split_stratified(dataset, 0.3, 5).validation == split_stratified(dataset, 0.3, 5).validation);
  CHECK(split_stratified(dataset, 0.3, 5).validation != split_stratified(dataset, 0.3, 6).validation);
  CHECK_THAT(test::data_error_of([] {
               split_stratified(Labels({1, 1}), 0.5, 5);
             }),
             Contains("no class has two images"));
}

TEST_CASE("subset: samples of the whole by its indices, with a fingerprint of its own") {
  const auto whole = std::make_shared<ColourDataset>(30);
  const Subset subset(whole, {3, 17});
  REQUIRE(subset.size() == 2);
  CHECK(subset.load(1).image.pixels[0] == 17);
  CHECK(subset.label_of(1) == 7);
  CHECK(subset.name_of(0) == whole->name_of(3));
  CHECK(subset.class_names() == whole->class_names());
  CHECK_THROWS_AS(subset.load(2), ShapeError);
  CHECK(subset.fingerprint() != Subset(whole, {3, 18}).fingerprint());
  CHECK(subset.fingerprint() == Subset(std::make_shared<ColourDataset>(30), {3, 17}).fingerprint());
}

TEST_CASE("relabelled: the numbers of another list of classes, which may have more") {
  const Relabelled dataset(std::make_unique<Labels>(std::vector<int>{1, 2}), {"b", "x", "a"});
  CHECK(dataset.size() == 3);
  CHECK(dataset.load(0).label == 2);
  CHECK(dataset.label_of(2) == 0);
  CHECK(dataset.class_names().size() == 3);
  CHECK_THAT(test::data_error_of([] {
               Relabelled(std::make_unique<Labels>(std::vector<int>{1}), {"b", "c"});
             }),
             Contains("the class \"a\" is none of the 2"));
}

}  // namespace
}  // namespace tern
