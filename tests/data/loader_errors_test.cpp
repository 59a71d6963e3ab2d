// What the loader does with images, files and numbers that it cannot take.
#include "tern/core/error.h"
#include "tern/data/loader.h"
#include "tests/data/colour_dataset.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"

namespace tern {
namespace {

using Catch::Contains;
using test::augmentation;
using test::ColourDataset;
using test::Contents;
using test::in_order;
using test::read_rest;
using test::shuffled;

/// The first epoch gives `good` batches, then ends with an error that has `text`, once.
void check_ends_after(Loader& loader, int good, const std::string& text) {
  loader.start_epoch(0);
  Batch batch;
  for (int i = 0; i < good; ++i) REQUIRE(loader.next(batch));
  CHECK_THROWS_WITH(loader.next(batch), Contains(text));
  CHECK_FALSE(batch.images.defined());
  CHECK_FALSE(loader.next(batch));
}

TEST_CASE("loader: a bad image under fail ends the epoch at its batch, once, by name") {
  const Device device = test::each_device();
  for (const int workers : {0, 1, 4}) {
    const ColourDataset dataset(64, {37});
    Loader loader(dataset, augmentation(), in_order(workers, 8, device));
    check_ends_after(loader, 4, "colour 37");
    loader.start_epoch(1, 5);  // past the bad one
    CHECK(read_rest(loader).indices == std::vector<std::int64_t>{5, 6, 7});
  }
}

TEST_CASE("loader: an error other than a bad image ends the epoch at its batch, too") {
  const Device device = test::each_device();
  for (const int workers : {0, 2}) {
    ColourDataset dataset(64);
    dataset.fail_at(20);
    Loader loader(dataset, augmentation(), in_order(workers, 8, device));
    check_ends_after(loader, 2, "colour 20: the disk is gone");
  }
}

TEST_CASE("loader: a label outside the classes of the data set ends the epoch under any policy") {
  for (const BadImagePolicy policy : {BadImagePolicy::fail, BadImagePolicy::skip}) {
    ColourDataset dataset(400);
    dataset.mislabel(20);
    LoaderConfig config = in_order(2, 8);
    config.bad_images = policy;
    Loader loader(dataset, augmentation(), config);
    check_ends_after(loader, 2, "colour 20: label 10 is not in [0, 10), the classes of the data set");
  }
}

TEST_CASE("loader: under skip the next good sample of the order replaces a bad one") {
  for (const int workers : {0, 1, 4}) {
    const ColourDataset dataset(400, {10, 11, 399});
    LoaderConfig config = in_order(workers, 20);
    config.bad_images = BadImagePolicy::skip;
    Loader loader(dataset, augmentation(), config);
    loader.start_epoch(3);
    const Contents contents = read_rest(loader);
    REQUIRE(contents.samples.size() == 20);
    CHECK(contents.samples[0][10] == 12);
    CHECK(contents.samples[0][11] == 12);
    CHECK(contents.samples[0][12] == 12);
    CHECK(contents.labels[0][10] == 2);
    CHECK(contents.samples[19][19] == 0);  // after the end comes the beginning
    CHECK(loader.bad_images().count() == 3);
    CHECK(loader.bad_images().names() == std::vector<std::string>{"colour 10", "colour 11", "colour 399"});
  }
}

TEST_CASE("loader: under skip more than one bad image in a hundred end the epoch at the same batch") {
  const Device device = test::each_device();
  for (const int workers : {0, 1, 4}) {
    const ColourDataset dataset(200, {15, 95, 155});  // two are allowed
    LoaderConfig config = in_order(workers, 10, device);
    config.bad_images = BadImagePolicy::skip;
    Loader loader(dataset, augmentation(), config);
    check_ends_after(loader, 15, "colour 155");
  }
}

TEST_CASE("loader: an image too small for the crop is named") {
  const ColourDataset dataset(4);
  TransformConfig config;
  config.size = {16, 16};
  config.crop = Crop::random;
  Loader loader(dataset, Transform(config, true), shuffled(1, 1));
  loader.start_epoch(0);
  Batch batch;
  CHECK_THROWS_WITH(loader.next(batch), Contains("colour") && Contains("8x8") && Contains("16x16"));
}

TEST_CASE("loader: refuses numbers out of range") {
  const ColourDataset dataset(10);
  const auto load = [&dataset](auto change) {
    LoaderConfig config = shuffled(0);
    change(config);
    Loader(dataset, augmentation(), config);
  };
  CHECK_THROWS_WITH(load([](auto& c) { c.batch_size = 0; }), Contains("batch_size is 0"));
  CHECK_THROWS_WITH(load([](auto& c) { c.workers = -1; }), Contains("workers is -1"));
  CHECK_THROWS_WITH(load([](auto& c) { c.prefetch = 0; }), Contains("prefetch is 0"));
  CHECK_THROWS_WITH(load([](auto& c) { c.drop_last = true; }), Contains("10 samples make no batch of 16"));
  CHECK_THROWS_AS(Loader(ColourDataset(0), augmentation(), shuffled(0)), DataError);
  Loader loader(dataset, augmentation(), shuffled(1));
  CHECK_THROWS_WITH(loader.start_epoch(0, 2), Contains("batch 2 of an epoch of 1"));
}

}  // namespace
}  // namespace tern
