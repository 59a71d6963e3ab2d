// Images of which no more is decoded than a crop shows.
#include <algorithm>
#include <string>
#include <vector>

#include "tern/core/error.h"
#include "tern/data/image_file.h"
#include "tern/data/image_folder.h"
#include "tern/data/jpeg.h"
#include "tern/data/loader.h"
#include "tern/data/png.h"
#include "tern/data/sample_cache.h"
#include "tests/data/colour_dataset.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern {
namespace {

using test::Contents;
using test::shuffled;
using test::TemporaryDirectory;

Image patchwork(int height, int width, int seed) {
  Image image{height, width, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        image.pixels.push_back(
            static_cast<std::uint8_t>((y / 5 * 37 + x / 5 * 91 + c * 50 + seed * 13) * 29));
      }
    }
  }
  return image;
}

TransformConfig crops(Crop crop, int resize) {
  TransformConfig config;
  config.size = {20, 20};
  config.resize = resize;
  config.crop = crop;
  config.flip = Flip::random;
  return config;
}

std::vector<TransformConfig> all_crops() {
  TransformConfig padded = crops(Crop::random, 0), reflected = padded,
                  coloured = crops(Crop::random_resized, 24);
  padded.padding = 4;
  reflected.padding = 30;
  reflected.padding_mode = PaddingMode::reflect;
  coloured.color_jitter = {0.4F, 0.4F, 0.4F, 0.1F};
  coloured.erasing = 1;
  return {crops(Crop::center, 24),
          crops(Crop::random, 24),
          crops(Crop::random, 0),
          crops(Crop::center, 0),
          crops(Crop::random_resized, 24),
          crops(Crop::random, 90),
          padded,
          reflected,
          coloured};
}

/// The region alone, in memory of its own.
ImagePart cut_region(const Image& image, const ImageRegion& region) {
  const Rectangle& r = region.rectangle;
  const ImageView view = crop_of(view_of(image), r.top, r.left, r.height, r.width);
  return {
      resize(view, r.height, r.width, Interpolation::bicubic), r.top, r.left, {image.height, image.width}};
}

TEST_CASE("transforms: the region of an image is enough for its result") {
  for (const TransformConfig& config : all_crops()) {
    const Transform transform(config, true);
    for (std::uint32_t i = 0; i < 40; ++i) {
      const Image image = patchwork(40 + static_cast<int>(i % 3) * 9, 50, static_cast<int>(i));
      const AugmentationKey key{5, 1, i};
      std::vector<float> expected(20 * 20 * 3, -1), got(20 * 20 * 3, -2);
      transform.apply(image, key, expected.data());
      const ImageRegion region = transform.region({image.height, image.width}, key);
      CHECK(region.shrink == 1);
      transform.apply(cut_region(image, region), key, got.data());
      CHECK(got == expected);
    }
  }
}

TEST_CASE("transforms: a crop's region is little more than the crop") {
  const Transform transform(crops(Crop::random, 40), true);
  const ImageRegion region =
      transform.region({80, 120}, {1, 0, 0});  // half the size: 40 of 80 pixels, and 4 taps
  CHECK(region.rectangle.height <= 48);
  CHECK(region.rectangle.width <= 48);
}

TEST_CASE("transforms: only with dct_scaling, and where it shrinks by that, is an image wanted shrunk") {
  TransformConfig config = crops(Crop::center, 20);
  CHECK(Transform(config, true).region({400, 400}, {}).shrink == 1);
  config.dct_scaling = true;
  for (const auto& [side, shrink] : {std::pair{39, 1}, {40, 2}, {79, 2}, {80, 4}, {160, 8}, {4000, 8}}) {
    const ImageRegion region = Transform(config, true).region({side, side}, {});
    CHECK(region.shrink == shrink);
    CHECK(region.rectangle.height <= (side + shrink - 1) / shrink);
  }
}

/// A folder of JPEGs of two classes, of which one lacks its lowest rows, but not its end.
class Photos {
 public:
  Photos() {
    for (int i = 0; i < 12; ++i) {
      std::vector<std::uint8_t> jpeg = encode_jpeg(patchwork(90 + i, 130 - i, i), 80);
      if (i == 7)
        jpeg.erase(jpeg.begin() + static_cast<std::ptrdiff_t>(jpeg.size() * 9 / 10), jpeg.end() - 2);
      folder_.write(fmt::format("{}/{:02}.jpg", i % 2 == 0 ? "even" : "odd", i), {jpeg.begin(), jpeg.end()});
    }
  }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryDirectory folder_;
};

/// The later epochs come from the cache, if there is one.
std::vector<Contents> read(const Dataset& dataset, const Transform& transform, const LoaderConfig& config) {
  Loader loader(dataset, transform, config);
  std::vector<Contents> epochs;
  for (int epoch = 0; epoch < 6; ++epoch) {
    loader.start_epoch(epoch);
    epochs.push_back(test::read_rest(loader));
  }
  return epochs;
}

TEST_CASE("loader: what is cached, whole, or decoded in part gives the same batches") {
  const Photos photos;
  const ImageFolder dataset(photos.path());
  CHECK_THROWS_AS(dataset.load(9), DataError);  // odd/07.jpg
  for (const bool scaling : {false, true}) {
    TransformConfig config = crops(Crop::random_resized, 24);
    config.dct_scaling = scaling;
    LoaderConfig loader = shuffled(1, 4);
    loader.bad_images = BadImagePolicy::skip;
    loader.cache_bytes = 0;
    const std::vector<Contents> expected = read(dataset, Transform(config, true), loader);
    REQUIRE(expected.back().images.size() == 3);
    for (const std::size_t cache_bytes : {100'000, 1 << 30}) {
      loader.cache_bytes = cache_bytes;
      CHECK(read(dataset, Transform(config, true), loader) == expected);
    }
  }
}

TEST_CASE("loader: dct_scaling leaves in the cache what no decoder shrinks, and nothing that one does") {
  const TemporaryDirectory folder;
  const std::filesystem::path jpeg = folder.write("some/0.jpg", encode_jpeg(patchwork(60, 60, 0), 80));
  const std::filesystem::path png = folder.write("some/1.png", encode_png(patchwork(60, 60, 1)));
  const ImageFolder dataset(folder.path());
  SampleCache cache(dataset, 1 << 20);
  const auto choose = [](int shrink) {
    return [shrink](ImageExtents whole) {
      const ImageExtents extents = shrunk(whole, shrink);
      return ImageRegion{{0, 0, extents.height, extents.width}, shrink};
    };
  };
  for (const int shrink : {1, 2}) {
    CHECK(cache.get(0, choose(shrink))->part.shrink == shrink);
    CHECK(cache.get(1, choose(shrink))->part.shrink == 1);
  }
  std::filesystem::remove(jpeg);
  std::filesystem::remove(png);
  CHECK(cache.get(0, choose(1))->part.shrink == 1);
  CHECK_THROWS_AS(cache.get(0, choose(2)), DataError);
  CHECK(cache.get(1, choose(1))->part.shrink == 1);
  CHECK(cache.get(1, choose(2))->part.shrink == 1);
}

TEST_CASE("loader: a part of a photograph has the pixels of the whole") {
  const Photos photos;
  const ImageFolder dataset(photos.path());
  const Transform transform(crops(Crop::random, 40), true);
  for (std::uint32_t i = 0; i < 6; ++i) {
    const AugmentationKey key{3, 0, i};
    const PartialSample sample =
        dataset.load_part(i, [&](ImageExtents extents) { return transform.region(extents, key); });
    std::vector<float> expected(20 * 20 * 3), got(20 * 20 * 3);
    transform.apply(dataset.load(i).image, key, expected.data());
    transform.apply(sample.part, key, got.data());
    CHECK(got == expected);
    CHECK(sample.part.image.pixels.size() < dataset.load(i).image.pixels.size());
  }
}

}  // namespace
}  // namespace tern
