// Throughput of the loader: images/s as a consumer sees them, and CPU time per image, which a busy machine
// changes little. On small images once decoding every JPEG, else from the cache of decoded samples; with the
// augmentation of CIFAR training, random crops and flips, and with more of it. On photographs, 224x224 pixels
// of each, never cached.
//
//   loader_bench [FOLDER] [--workers N] [--repeats N]      FOLDER/CLASS/*.jpg; without it, generated digits
//   loader_bench FOLDER --photos
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tern/apps/console/program.h"
#include "tern/core/error.h"
#include "tern/data/digits_writer.h"
#include "tern/data/image_folder.h"
#include "tern/data/loader.h"

namespace {

using namespace tern;

constexpr std::int64_t kDigits = 20'000;

struct Options {
  std::string folder;
  int workers = 1;
  int repeats = 5;
  bool photos = false;
};

struct Rate {
  double images_per_second;
  double cpu_microseconds;  // of all threads, per image
};

TransformConfig cifar_augmentation() {
  TransformConfig config;
  config.size = {32, 32};
  config.resize = 32;
  config.crop = Crop::random;
  config.padding = 4;
  config.flip = Flip::random;
  config.mean = {0.5F, 0.5F, 0.5F};
  config.std = {0.25F, 0.25F, 0.25F};
  return config;
}

/// ImageNet's.
TransformConfig photo_augmentation(Crop crop) {
  TransformConfig config = cifar_augmentation();
  config.size = {224, 224};
  config.resize = 256;
  config.crop = crop;
  config.padding = 0;
  return config;
}

LoaderConfig loader_config(int workers, std::size_t cache_bytes) {
  LoaderConfig config;
  config.shuffle = true;
  config.workers = workers;
  config.cache_bytes = cache_bytes;
  return config;
}

std::string generated_digits() {
  const std::filesystem::path out = std::filesystem::temp_directory_path() / "tern-loader-bench-digits";
  write_digits(out, {kDigits, 10, 1});
  return (out / "train").string();
}

std::size_t hash_bytes(const Tensor& tensor) {
  return std::hash<std::string_view>{}({static_cast<const char*>(tensor.raw()), tensor.nbytes()});
}

TransformConfig with_cutout(TransformConfig config) {
  config.padding_mode = PaddingMode::reflect;
  config.flip = Flip::alternating;
  config.cutout = 12;
  return config;
}

/// Hashes of the images and labels of every batch of an epoch, which must show every image once.
std::vector<std::size_t> epoch_hashes(const Dataset& dataset, int workers) {
  Loader loader(dataset, Transform(with_cutout(cifar_augmentation()), true), loader_config(workers, 0));
  loader.start_epoch(0);
  std::vector<std::size_t> hashes;
  std::vector<std::int64_t> seen;
  for (Batch batch; loader.next(batch);) {
    hashes.push_back(hash_bytes(batch.images));
    hashes.push_back(hash_bytes(batch.labels));
    seen.insert(seen.end(), batch.samples.begin(), batch.samples.end());
  }
  std::sort(seen.begin(), seen.end());
  const bool all_once = seen.size() == static_cast<std::size_t>(dataset.size()) &&
                        seen.back() + 1 == dataset.size() &&
                        std::adjacent_find(seen.begin(), seen.end()) == seen.end();
  require<Error>(all_once, "an epoch with {} workers did not show each of {} images once", workers,
                 dataset.size());
  return hashes;
}

void verify(const Dataset& dataset) {
  require<Error>(epoch_hashes(dataset, 1) == epoch_hashes(dataset, 2),
                 "one and two workers give other batches");
}

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

Rate time_epoch(Loader& loader, std::int64_t epoch) {
  const auto start = std::chrono::steady_clock::now();
  const double cpu_start = cpu_seconds();
  loader.start_epoch(epoch);
  std::int64_t images = 0;
  for (Batch batch; loader.next(batch);) images += batch.labels.numel();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  return {static_cast<double>(images) / elapsed.count(),
          (cpu_seconds() - cpu_start) * 1e6 / static_cast<double>(images)};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The first epoch warms up: it fills the cache, if there is one.
void measure(const std::string& name, const Dataset& dataset, const Options& options,
             const TransformConfig& transform, std::size_t cache_bytes) {
  Loader loader(dataset, Transform(transform, true), loader_config(options.workers, cache_bytes));
  time_epoch(loader, 0);
  std::vector<double> rates, cpu_times;
  for (int repeat = 1; repeat <= options.repeats; ++repeat) {
    const Rate rate = time_epoch(loader, repeat);
    rates.push_back(rate.images_per_second);
    cpu_times.push_back(rate.cpu_microseconds);
  }
  fmt::print("{:<24}{:>10.0f}{:>10.0f}{:>10.0f}{:>16.1f}\n", name, median(rates),
             *std::min_element(rates.begin(), rates.end()), *std::max_element(rates.begin(), rates.end()),
             median(cpu_times));
}

/// What torchvision's decoders do, too.
void measure_decoding(const Dataset& dataset, const Options& options) {
  std::vector<double> cpu_times;
  for (int repeat = 0; repeat < options.repeats; ++repeat) {
    const double start = cpu_seconds();
    for (std::int64_t i = 0; i < dataset.size(); ++i) dataset.load(i);
    cpu_times.push_back((cpu_seconds() - start) * 1e6 / static_cast<double>(dataset.size()));
  }
  fmt::print("{:<24}{:>46.1f}\n", "decoding whole", median(cpu_times));
}

void measure_photos(const Dataset& dataset, const Options& options) {
  measure_decoding(dataset, options);
  TransformConfig resized = photo_augmentation(Crop::random), crop = photo_augmentation(Crop::random_resized);
  measure("resize 256, random crop", dataset, options, resized, 0);
  measure("random resized crop", dataset, options, crop, 0);
  resized.dct_scaling = crop.dct_scaling = true;
  measure("random crop, DCT", dataset, options, resized, 0);
  measure("resized crop, DCT", dataset, options, crop, 0);
}

void measure_small_images(const Dataset& dataset, const Options& options) {
  constexpr std::size_t kCache = std::size_t{4} << 30;
  const TransformConfig cifar = cifar_augmentation();
  measure("JPEG files", dataset, options, cifar, 0);
  measure("cached", dataset, options, cifar, kCache);
  measure("cached, cutout", dataset, options, with_cutout(cifar), kCache);
}

int run(const Options& options) {
  const ImageFolder dataset(options.folder.empty() ? generated_digits() : options.folder);
  verify(dataset);
  fmt::print("{} images, batches of {}, {} workers, median of {} epochs\n\n", dataset.size(),
             LoaderConfig{}.batch_size, options.workers, options.repeats);
  fmt::print("{:<24}{:>10}{:>10}{:>10}{:>16}\n", "", "images/s", "min", "max", "CPU us/image");
  if (options.photos) {
    measure_photos(dataset, options);
  } else {
    measure_small_images(dataset, options);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CommandLine app("Measures the loader on a folder of JPEGs.", "loader_bench");
  Options options;
  app.option("FOLDER", options.folder, "holds CLASS/*.jpg; without it, digits are generated");
  app.flag("--photos", options.photos, "FOLDER holds photographs: 224x224 pixels of them, as for ImageNet");
  app.option("--workers", options.workers, "threads of the loader").in_range(0, 256).show_default();
  app.option("--repeats", options.repeats, "epochs measured").in_range(1, 1000).show_default();
  return run_program(app, argc, argv, [&] { return run(options); });
}
