#include "tern/data/check_samples.h"

#include "tests/data/colour_dataset.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

using Catch::Contains;
using Catch::StartsWith;

/// Images of 8x8 pixels by their headers, but for some.
class Headers final : public Dataset {
 public:
  explicit Headers(std::set<std::int64_t> bad = {}, std::set<std::int64_t> small = {})
      : bad_(std::move(bad)), small_(std::move(small)) {}

  std::int64_t size() const override { return 1000; }
  const std::vector<std::string>& class_names() const override { return class_names_; }
  std::string name_of(std::int64_t index) const override { return fmt::format("image {}", index); }
  Sample load(std::int64_t) const override { throw Error("nothing is decoded"); }
  std::optional<ImageExtents> extents_of(std::int64_t index) const override {
    ++looked_at_;
    require<DataError>(bad_.count(index) == 0, "{}: is a PNG", name_of(index));
    return small_.count(index) == 0 ? ImageExtents{8, 8} : ImageExtents{2, 2};
  }
  std::int64_t looked_at() const { return looked_at_; }

 private:
  std::vector<std::string> class_names_ = {"a", "b"};
  std::set<std::int64_t> bad_, small_;
  mutable std::atomic<std::int64_t> looked_at_ = 0;
};

Transform crop_of_8() {
  TransformConfig config;
  config.size = {8, 8};
  return Transform(config, false);
}

void check(const Dataset& dataset, BadImagePolicy policy, int threads = 3) {
  check_samples(dataset, crop_of_8(), policy, threads, [] { return false; });
}

TEST_CASE("check_samples: looks at all headers, and decodes nothing") {
  for (const int threads : {1, 4}) {
    const Headers dataset;
    check(dataset, BadImagePolicy::fail, threads);
    CHECK(dataset.looked_at() == 1000);
  }
}

TEST_CASE("check_samples: under fail a bad image, or one that does not fit the network, is named") {
  CHECK_THROWS_WITH(check(Headers({700}), BadImagePolicy::fail), StartsWith("image 700: is a PNG"));
  CHECK_THROWS_WITH(check(Headers({}, {30}), BadImagePolicy::fail),
                    StartsWith("image 30: the image has 2x2 pixels"));
  CHECK_THROWS_WITH(check(Headers({3, 4}, {2}), BadImagePolicy::fail, 1), StartsWith("image 2: "));
}

TEST_CASE("check_samples: under skip one in a hundred may be bad") {
  std::set<std::int64_t> bad;
  for (std::int64_t i = 0; i < 10; ++i) bad.insert(i * 99);
  CHECK_NOTHROW(check(Headers(bad), BadImagePolicy::skip));
  bad.insert(1);
  CHECK_THROWS_WITH(check(Headers(bad), BadImagePolicy::skip),
                    Contains("11 of 1000 images cannot be decoded") && Contains("is a PNG"));
}

TEST_CASE("check_samples: ends early when it is asked to stop") {
  const Headers dataset({900});
  int asked = 0;
  check_samples(dataset, crop_of_8(), BadImagePolicy::fail, 1, [&] { return ++asked == 3; });
  CHECK(dataset.looked_at() == 128);
}

}  // namespace
}  // namespace tern
