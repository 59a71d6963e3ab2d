// What the tests of the loader load, and how they read it.
#pragma once

#include <atomic>
#include <cstdint>
#include <future>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tern/core/error.h"
#include "tern/data/loader.h"

namespace tern::test {

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
    Sample sample{Image{8, 8, {}}, index == mislabelled_ ? 10 : index % 10};
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
  /// Gives the sample a label that is none of the classes.
  void mislabel(std::int64_t index) { mislabelled_ = index; }

 private:
  std::int64_t size_;
  std::set<std::int64_t> bad_;
  std::vector<std::string> class_names_ = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  mutable std::atomic<std::int64_t> loads_ = 0;
  std::shared_future<void> gate_;
  std::int64_t fatal_ = -1;
  std::int64_t mislabelled_ = -1;
};

inline Transform augmentation() {
  TransformConfig config;
  config.size = {8, 8};
  config.crop = Crop::random;
  config.padding = 2;
  config.flip = Flip::random;
  config.std = {1.0F / 255, 1.0F / 255, 1.0F / 255};  // the values of the pixels
  return Transform(config, true);
}

inline LoaderConfig shuffled(int workers, std::int64_t batch_size = 16, Device device = {}) {
  LoaderConfig config;
  config.device = device;
  config.batch_size = batch_size;
  config.shuffle = true;
  config.workers = workers;
  config.seed = 99;
  return config;
}

inline LoaderConfig in_order(int workers, std::int64_t batch_size, Device device = {}) {
  LoaderConfig config = shuffled(workers, batch_size, device);
  config.shuffle = false;
  return config;
}

struct Contents {
  std::vector<std::vector<float>> images;
  std::vector<std::vector<std::int64_t>> labels, samples, partner_labels;
  std::vector<float> label_shares;
  std::vector<std::int64_t> indices;
  bool operator==(const Contents&) const = default;
};

inline Contents read_rest(Loader& loader) {
  Contents contents;
  Batch batch;
  while (loader.next(batch)) {
    contents.images.push_back(batch.images.to_vector<float>());
    contents.labels.push_back(batch.labels.to_vector<std::int64_t>());
    contents.samples.push_back(batch.samples);
    if (batch.partner_labels.defined()) {
      contents.partner_labels.push_back(batch.partner_labels.to_vector<std::int64_t>());
    }
    contents.label_shares.push_back(batch.label_share);
    contents.indices.push_back(batch.index);
  }
  return contents;
}

inline Contents read_epoch(const Dataset& dataset, const LoaderConfig& config, std::int64_t epoch,
                           std::int64_t first_batch = 0) {
  Loader loader(dataset, augmentation(), config);
  loader.start_epoch(epoch, first_batch);
  return read_rest(loader);
}

}  // namespace tern::test
