#include "tern/data/loader.h"

#include <chrono>
#include <cmath>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "tern/core/device.h"
#include "tern/core/error.h"
#include "tern/data/luminance.h"
#include "tern/kernels/cast.h"
#include "tests/data/colour_dataset.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/precision.h"

namespace tern {
namespace {

using test::augmentation;
using test::ColourDataset;
using test::Contents;
using test::read_epoch;
using test::read_rest;
using test::shuffled;

template <class T>
std::vector<T> tail(const std::vector<T>& values, std::ptrdiff_t first) {
  return {values.begin() + first, values.end()};
}

TEST_CASE("loader: a balanced epoch has as many images of each class") {
  const ColourDataset dataset(103);  // 11 images of classes 0 to 2, 10 of the others
  LoaderConfig config = shuffled(2, 103);
  config.balanced = true;
  const Contents epoch = read_epoch(dataset, config, 1);
  std::map<std::int64_t, int> counts;
  for (const std::int64_t label : epoch.labels.at(0)) ++counts[label];
  REQUIRE(counts.size() == 10);
  int larger = 0;
  for (const auto& [label, count] : counts) {
    CHECK((count == 10 || count == 11));
    larger += count - 10;
  }
  CHECK(larger == 3);
  CHECK(read_epoch(dataset, config, 1) == epoch);
}

TEST_CASE("loader: a batch holds the images and labels of its samples") {
  const ColourDataset dataset(300);
  LoaderConfig config = shuffled(2, 7);
  TransformConfig plain;
  plain.size = {8, 8};
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

TEST_CASE("loader: images of one channel follow each other without gaps") {
  const ColourDataset dataset(300);
  LoaderConfig config = shuffled(2, 7);
  TransformConfig grey;
  grey.size = {8, 8};
  grey.channels = 1;
  grey.std[0] = 1.0F / 255;
  Loader loader(dataset, Transform(grey, false), config);
  loader.start_epoch(1);
  Batch batch;
  REQUIRE(loader.next(batch));
  CHECK(batch.images.shape() == Shape{7, 8, 8, 1});
  for (int i = 0; i < 7; ++i) {
    const auto sample = batch.samples[static_cast<std::size_t>(i)];
    const std::uint8_t last_pixel[] = {static_cast<std::uint8_t>(sample % 256),
                                       static_cast<std::uint8_t>(sample / 256), 63};
    CHECK(std::lround(batch.images.data<float>()[i * 64 + 63]) == luminance(last_pixel));
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

Contents read_training(const Dataset& dataset, const TransformConfig& transform, const LoaderConfig& config) {
  Loader loader(dataset, Transform(transform, true), config);
  loader.start_epoch(1);
  return read_rest(loader);
}

TEST_CASE("loader: a GPU normalises, erases and mixes bytes to the bits of the CPU") {
  Device device;
  if (!test::each_gpu(device)) return;
  const ColourDataset dataset(50);
  TransformConfig transform;
  transform.crop = Crop::random;
  transform.padding = 2;
  transform.flip = Flip::random;
  transform.mean = {0.48F, 0.45F, 0.41F};
  transform.std = {0.22F, 0.23F, 0.25F};
  for (const int width : {8, 7}) {  // of three channels, rows of whole vectors and others
    for (const int channels : {1, 3}) {
      for (const bool erases : {false, true}) {
        for (const MixingConfig& mixing :
             {MixingConfig{}, MixingConfig{1.0F, 0.0F}, MixingConfig{0.0F, 1.0F}}) {
          INFO(width << " wide, " << channels << " channels, erases " << erases << ", mixup " << mixing.mixup
                     << ", cutmix " << mixing.cutmix);
          transform.size = {6, width};
          transform.channels = channels;
          transform.cutout = erases ? 3 : 0;
          transform.erasing = erases ? 0.5F : 0.0F;
          LoaderConfig config = shuffled(2);
          config.mixing = mixing;
          const Contents expected = read_training(dataset, transform, config);
          config.device = device;
          CHECK(read_training(dataset, transform, config) == expected);
        }
      }
    }
  }
}

TEST_CASE("loader: where activations are bf16, a GPU has images that are cast to it, and the CPU f32") {
  Device device;
  if (!test::each_gpu(device)) return;
  const test::Precision precision(kernels::FloatPrecision::bf16);
  const ColourDataset dataset(50);
  TransformConfig transform;
  transform.crop = Crop::random;
  transform.padding = 2;
  transform.mean = {0.48F, 0.45F, 0.41F};
  transform.std = {0.22F, 0.23F, 0.25F};
  transform.cutout = 3;
  LoaderConfig config = shuffled(0);
  config.mixing = {1.0F, 0.0F};
  for (const int width : {8, 7}) {
    transform.size = {6, width};
    Loader on_cpu(dataset, Transform(transform, true), config);
    LoaderConfig gpu_config = config;
    gpu_config.device = device;
    Loader on_gpu(dataset, Transform(transform, true), gpu_config);
    on_cpu.start_epoch(1);
    on_gpu.start_epoch(1);
    for (Batch expected, batch; on_cpu.next(expected);) {
      REQUIRE(on_gpu.next(batch));
      REQUIRE(expected.images.dtype() == DType::f32);
      CHECK(test::bit_difference(batch.images, kernels::cast(expected.images, DType::bf16)) == "");
    }
  }
}

TEST_CASE("loader: the shards of all processes are the batches of a loader of their size") {
  const ColourDataset dataset(100);
  LoaderConfig whole = shuffled(0, 4);
  whole.mixing = {0.5F, 0.5F};
  const Contents expected = read_epoch(dataset, whole, 2);
  for (const bool drop_last : {true, false}) {
    for (const std::int64_t processes : {1, 2, 4}) {
      INFO(processes << " processes, drop_last " << drop_last);
      std::set<std::vector<float>> seen;
      std::size_t count = 0;
      for (std::int64_t process = 0; process < processes; ++process) {
        LoaderConfig config = whole;
        config.workers = static_cast<int>(process);
        config.batch_size = 32;  // 8 shards; 100 images are 3 such batches and one shard
        config.drop_last = drop_last;
        config.shards = {8, process * 8 / processes, 8 / processes};
        const Contents share = read_epoch(dataset, config, 2);
        for (std::size_t i = 0; i < share.images.size(); ++i) {
          const std::int64_t shard = share.indices.at(i);
          CHECK(shard % 8 * processes / 8 == process);
          CHECK(share.images.at(i) == expected.images.at(static_cast<std::size_t>(shard)));
          CHECK(share.partner_labels.at(i) == expected.partner_labels.at(static_cast<std::size_t>(shard)));
          seen.insert(share.images.at(i));
        }
        count += share.images.size();
        const Contents rest = read_epoch(dataset, config, 2, 2);  // from batch 2 on
        CHECK(rest.images == tail(share.images, 2 * 8 / processes));
      }
      CHECK(count == (drop_last ? 24U : 25U));
      CHECK(seen.size() == count);
    }
  }
}

TEST_CASE("loader: shards that are not equal, or do not exist, are refused") {
  const ColourDataset dataset(100);
  const auto load = [&](std::int64_t batch_size, ShardRange shards) {
    LoaderConfig config = shuffled(0, batch_size);
    config.shards = shards;
    Loader loader(dataset, augmentation(), config);
  };
  CHECK_THROWS_WITH(load(10, {4, 0, 4}), "loader: batch_size 10 cannot be cut into 4 equal shards");
  CHECK_THROWS_WITH(load(12, {4, 2, 3}), "loader: shards 2 to 4 of 4 do not exist");
  CHECK_THROWS_AS(load(12, {4, 0, 0}), ConfigError);
}

TEST_CASE("loader: mixed batches are the same for any number of workers and device, and in the middle") {
  const Device device = test::each_device();
  const ColourDataset dataset(100);
  LoaderConfig config = shuffled(0);
  config.mixing = {0.5F, 0.5F};
  const Contents whole = read_epoch(dataset, config, 4);
  CHECK(whole.partner_labels.size() == whole.labels.size());
  const Contents unmixed = read_epoch(dataset, shuffled(0), 4);
  CHECK(whole.samples == unmixed.samples);
  CHECK(whole.images != unmixed.images);
  CHECK(unmixed.partner_labels.empty());
  CHECK(unmixed.label_shares == std::vector<float>(7, 1.0F));
  CHECK(std::set<float>(whole.label_shares.begin(), whole.label_shares.end()).size() == 7);
  CHECK(read_epoch(dataset, config, 5).label_shares != whole.label_shares);
  config.workers = 3;
  config.device = device;
  CHECK(read_epoch(dataset, config, 4) == whole);
  CHECK(read_epoch(dataset, config, 4, 3).images == tail(whole.images, 3));
  CHECK(read_epoch(dataset, config, 4, 3).partner_labels == tail(whole.partner_labels, 3));
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
  config.cache_bytes = 10 * (sizeof(PartialSample) + 256);  // ten samples: 192 bytes of pixels, 256 allocated
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

}  // namespace
}  // namespace tern
