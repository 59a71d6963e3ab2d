#include "data/loader.h"

#include <atomic>
#include <chrono>
#include <cmath>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "core/device.h"
#include "core/error.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"

namespace tern {
namespace {

using Catch::Contains;

/// 8x8 images of one colour, which tells their index. Some indices cannot be decoded.
class ColourDataset final : public Dataset {
 public:
  explicit ColourDataset(std::int64_t size, std::set<std::int64_t> bad = {}) : size_(size), bad_(bad) {}

  std::int64_t size() const override { return size_; }
  const std::vector<std::string>& class_names() const override { return class_names_; }
  std::string name_of(std::int64_t index) const override { return fmt::format("colour {}", index); }

  Sample load(std::int64_t index) const override {
    ++loads_;
    if (gate_.valid()) gate_.wait();
    require<DataError>(bad_.count(index) == 0, "{}: cannot be decoded", name_of(index));
    require<Error>(index != fatal_, "{}: the disk is gone", name_of(index));
    Sample sample{Image{8, 8, {}}, index % 10};
    for (int i = 0; i < 64; ++i) {
      const auto low = static_cast<std::uint8_t>(index), high = static_cast<std::uint8_t>(index >> 8);
      sample.image.pixels.insert(sample.image.pixels.end(), {low, high, static_cast<std::uint8_t>(i)});
    }
    return sample;
  }

  std::int64_t loads() const { return loads_; }
  /// Makes load() wait until `gate` is ready.
  void wait_for(std::shared_future<void> gate) { gate_ = std::move(gate); }
  /// Makes load(index) fail otherwise than by a bad image.
  void fail_at(std::int64_t index) { fatal_ = index; }

 private:
  std::int64_t size_;
  std::set<std::int64_t> bad_;
  std::vector<std::string> class_names_ = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  mutable std::atomic<std::int64_t> loads_ = 0;
  std::shared_future<void> gate_;
  std::int64_t fatal_ = -1;
};

Transform augmentation() {
  TransformConfig config;
  config.size = 8;
  config.crop = Crop::random;
  config.padding = 2;
  config.flip = true;
  config.std = {1.0F / 255, 1.0F / 255, 1.0F / 255};  // the values of the pixels
  return Transform(config, true);
}

LoaderConfig shuffled(int workers, std::int64_t batch_size = 16, Device device = {}) {
  LoaderConfig config;
  config.device = device;
  config.batch_size = batch_size;
  config.shuffle = true;
  config.workers = workers;
  config.seed = 99;
  return config;
}

LoaderConfig in_order(int workers, std::int64_t batch_size, Device device = {}) {
  LoaderConfig config = shuffled(workers, batch_size, device);
  config.shuffle = false;
  return config;
}

struct Contents {
  std::vector<std::vector<float>> images;
  std::vector<std::vector<std::int64_t>> labels, samples;
  std::vector<std::int64_t> indices;
  bool operator==(const Contents&) const = default;
};

Contents read_rest(Loader& loader) {
  Contents contents;
  Batch batch;
  while (loader.next(batch)) {
    contents.images.push_back(batch.images.to_vector<float>());
    contents.labels.push_back(batch.labels.to_vector<std::int64_t>());
    contents.samples.push_back(batch.samples);
    contents.indices.push_back(batch.index);
  }
  return contents;
}

Contents read_epoch(const Dataset& dataset, const LoaderConfig& config, std::int64_t epoch,
                    std::int64_t first_batch = 0) {
  Loader loader(dataset, augmentation(), config);
  loader.start_epoch(epoch, first_batch);
  return read_rest(loader);
}

template <class T>
std::vector<T> tail(const std::vector<T>& values, std::ptrdiff_t first) {
  return {values.begin() + first, values.end()};
}

TEST_CASE("loader: a batch holds the images and labels of its samples") {
  const ColourDataset dataset(300);
  LoaderConfig config = shuffled(2, 7);
  TransformConfig plain;
  plain.size = 8;
  plain.std = {1.0F / 255, 1.0F / 255, 1.0F / 255};
  Loader loader(dataset, Transform(plain, false), config);
  loader.start_epoch(1);
  Batch batch;
  REQUIRE(loader.next(batch));
  CHECK(batch.images.shape() == Shape{7, 8, 8, 3});
  CHECK(batch.labels.shape() == Shape{7});
  const std::vector<std::int64_t> order = Sampler(300, true, 99).order(1);
  CHECK(batch.samples == std::vector<std::int64_t>(order.begin(), order.begin() + 7));
  for (int i = 0; i < 7; ++i) {
    const float* pixels = batch.images.data<float>() + i * 192;
    CHECK(std::lround(pixels[189]) + 256 * std::lround(pixels[190]) == batch.samples[i]);
    CHECK(std::lround(pixels[191]) == 63);
    CHECK(batch.labels.data<std::int64_t>()[i] == batch.samples[i] % 10);
  }
}

TEST_CASE("loader: batches are the same for any number of workers, any cache and any device") {
  const Device device = test::each_device();
  const ColourDataset dataset(333);
  const Contents expected = read_epoch(dataset, shuffled(0), 4);
  REQUIRE(expected.images.size() == 21);
  for (const int workers : {1, 2, 5}) {
    for (const int prefetch : {1, 3, 64}) {
      for (const std::size_t cache_bytes : {0, 10'000, 1 << 30}) {
        LoaderConfig config = shuffled(workers, 16, device);
        config.prefetch = prefetch;
        config.cache_bytes = cache_bytes;
        INFO(workers << " workers, prefetch " << prefetch << ", cache " << cache_bytes);
        CHECK(read_epoch(dataset, config, 4) == expected);
      }
    }
  }
}

TEST_CASE("loader: every epoch is another permutation with other augmentation") {
  const ColourDataset dataset(64);
  Loader loader(dataset, augmentation(), shuffled(2));
  loader.start_epoch(0);
  const Contents first = read_rest(loader);
  loader.start_epoch(1);
  const Contents second = read_rest(loader);
  CHECK(first.samples != second.samples);
  CHECK(second == read_epoch(dataset, shuffled(0), 1));
  LoaderConfig sequential = shuffled(2);
  sequential.shuffle = false;
  CHECK(read_epoch(dataset, sequential, 0).images != read_epoch(dataset, sequential, 1).images);
}

TEST_CASE("loader: an epoch begun in the middle goes on as if read from the start") {
  const ColourDataset dataset(100);
  const Contents whole = read_epoch(dataset, shuffled(0), 2);
  const ColourDataset fresh(100);
  const Contents rest = read_epoch(fresh, shuffled(2), 2, 4);
  CHECK(rest.images == tail(whole.images, 4));
  CHECK(rest.samples == tail(whole.samples, 4));
  CHECK(rest.indices == std::vector<std::int64_t>{4, 5, 6});
  CHECK(fresh.loads() == 100 - 4 * 16);  // the first batches were not decoded
  CHECK(read_epoch(dataset, shuffled(2), 2, 7).images.empty());
}

TEST_CASE("loader: the last batch is smaller, or left out with drop_last") {
  const ColourDataset dataset(40);
  LoaderConfig config = shuffled(2);
  CHECK(read_epoch(dataset, config, 0).samples.back().size() == 8);
  config.drop_last = true;
  CHECK(Loader(dataset, augmentation(), config).batch_count() == 2);
  CHECK(read_epoch(dataset, config, 0).samples.size() == 2);
}

TEST_CASE("loader: no batch before an epoch is started and after it ended") {
  const Device device = test::each_device();
  const ColourDataset dataset(40);
  for (const int workers : {0, 2}) {
    Loader loader(dataset, augmentation(), shuffled(workers, 16, device));
    Batch batch;
    CHECK_FALSE(loader.next(batch));
    loader.start_epoch(0);
    CHECK(read_rest(loader).images.size() == 3);
    CHECK_FALSE(loader.next(batch));
  }
}

TEST_CASE("loader: an epoch started before the last one ended leaves no trace of it") {
  const Device device = test::each_device();
  const ColourDataset dataset(500);
  const Contents expected = read_epoch(dataset, shuffled(0), 7);
  Loader loader(dataset, augmentation(), shuffled(3, 16, device));
  for (int epoch = 0; epoch < 7; ++epoch) {
    loader.start_epoch(epoch);
    Batch batch;
    for (int i = 0; i < epoch; ++i) REQUIRE(loader.next(batch));
  }
  loader.start_epoch(7);
  CHECK(read_rest(loader) == expected);
}

TEST_CASE("loader: destruction amid an epoch abandons the batches in work") {
  ColourDataset dataset(1000);
  std::promise<void> gate;
  dataset.wait_for(gate.get_future().share());
  auto loader = std::make_unique<Loader>(dataset, augmentation(), shuffled(3, 100));
  loader->start_epoch(0);
  while (dataset.loads() < 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  // The workers hang in their first samples; the destructor must outwait only these.
  std::thread opener([&gate] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    gate.set_value();
  });
  loader.reset();
  opener.join();
  CHECK(dataset.loads() == 3);
}

TEST_CASE("loader: decodes no further ahead than prefetch") {
  const ColourDataset dataset(1000);
  LoaderConfig config = shuffled(2, 10);
  config.prefetch = 3;
  Loader loader(dataset, augmentation(), config);
  loader.start_epoch(0);
  Batch batch;
  REQUIRE(loader.next(batch));
  const int expected = 40;  // the batch delivered and three ahead
  while (dataset.loads() < expected) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(dataset.loads() == expected);
}

TEST_CASE("loader: a bad image under fail ends the epoch at its batch, once, by name") {
  const Device device = test::each_device();
  for (const int workers : {0, 1, 4}) {
    const ColourDataset dataset(64, {37});
    Loader loader(dataset, augmentation(), in_order(workers, 8, device));
    loader.start_epoch(0);
    Batch batch;
    for (int i = 0; i < 4; ++i) REQUIRE(loader.next(batch));
    CHECK_THROWS_WITH(loader.next(batch), Contains("colour 37"));
    CHECK_FALSE(batch.images.defined());
    CHECK_FALSE(loader.next(batch));
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
    loader.start_epoch(0);
    Batch batch;
    for (int i = 0; i < 2; ++i) REQUIRE(loader.next(batch));
    CHECK_THROWS_WITH(loader.next(batch), Contains("colour 20: the disk is gone"));
    CHECK_FALSE(loader.next(batch));
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
    loader.start_epoch(0);
    Batch batch;
    for (int i = 0; i < 15; ++i) REQUIRE(loader.next(batch));
    CHECK_THROWS_WITH(loader.next(batch), Contains("colour 155"));
    CHECK_FALSE(loader.next(batch));
  }
}

TEST_CASE("loader: an image too small for the crop is named") {
  const ColourDataset dataset(4);
  TransformConfig config;
  config.size = 16;
  config.crop = Crop::random;
  Loader loader(dataset, Transform(config, true), shuffled(1, 1));
  loader.start_epoch(0);
  Batch batch;
  CHECK_THROWS_WITH(loader.next(batch), Contains("colour") && Contains("8x8") && Contains("16x16"));
}

TEST_CASE("loader: the cache spares decoding in later epochs, up to its size") {
  const ColourDataset dataset(96);
  LoaderConfig config = shuffled(2);
  Loader loader(dataset, augmentation(), config);
  for (const int epoch : {0, 1, 2}) {
    loader.start_epoch(epoch);
    CHECK(read_rest(loader).images.size() == 6);
    CHECK(dataset.loads() == 96);
  }
  const ColourDataset uncached(96);
  config.cache_bytes = 10 * (sizeof(Sample) + 256);  // ten samples: 192 bytes of pixels, 256 allocated
  Loader small(uncached, augmentation(), config);
  for (const int epoch : {0, 1}) {
    small.start_epoch(epoch);
    CHECK(read_rest(small).images.size() == 6);
  }
  CHECK(uncached.loads() < 2 * 96 - 5);
  CHECK(uncached.loads() > 96 + 70);
}

TEST_CASE("loader: batches recycle memory while a consumer may keep what it wants") {
  const ColourDataset dataset(800);
  LoaderConfig config = shuffled(2);
  config.prefetch = 3;
  Loader loader(dataset, augmentation(), config);
  const auto live_before = device_memory({}).live_bytes;
  loader.start_epoch(0);
  Batch kept;
  REQUIRE(loader.next(kept));
  const std::vector<float> expected = kept.images.to_vector<float>();
  const std::size_t batch_bytes = kept.images.nbytes() + kept.labels.nbytes();
  Batch batch;
  while (loader.next(batch)) {
    // Kept, current, three ahead, and two that workers hold while the ring is full.
    CHECK(device_memory({}).live_bytes - live_before <= 7 * batch_bytes);
  }
  CHECK(kept.images.to_vector<float>() == expected);
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
