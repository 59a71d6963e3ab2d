// How the page makes a network's input of a canvas, compiled for this machine.
#include "web/prepare.h"

#include <memory>
#include <vector>

#include "tern/data/transforms.h"
#include "tern/models/engine/transform_config.h"
#include "tern/models/model_metadata.h"
#include "tests/models/engine/merged_file.h"
#include "tests/models/resnets.h"
#include "tests/support/catch.h"

namespace tern::test {
namespace {

using Catch::Contains;

constexpr int kSize = 32;

std::shared_ptr<tern_engine> load(const Metadata& metadata) {
  const std::string bytes = merged_file(kSmallPair, metadata).bytes;
  tern_engine* engine = nullptr;
  REQUIRE(tern_engine_load_memory(bytes.data(), bytes.size(), 1, &engine) == TERN_ENGINE_OK);
  return {engine, tern_engine_free};
}

Metadata metadata_of(const InputSection& input) {
  Metadata metadata = model_metadata(kSize, 10);
  add_to(metadata, {input, read_model_metadata(metadata, "test").class_names});
  return metadata;
}

/// (height, width, 4), with an alpha that nothing depends on.
struct Canvas {
  Canvas(int height, int width) : picture{height, width, {}} {
    for (int i = 0; i < height * width; ++i) {
      for (int c = 0; c < 3; ++c) {
        picture.pixels.push_back(static_cast<std::uint8_t>((i / width * 7 + i % width * 13 + c * 90) % 251));
        rgba.push_back(picture.pixels.back());
      }
      rgba.push_back(static_cast<std::uint8_t>(i));
    }
  }

  Image picture;
  std::vector<std::uint8_t> rgba;
};

tern_engine_status prepare(const tern_engine* engine, const Canvas& canvas, std::vector<float>& image) {
  image.assign(std::size_t{kSize} * kSize * 3, -1);
  return tern_web_prepare(engine, canvas.rgba.data(), canvas.picture.height, canvas.picture.width,
                          image.data());
}

TEST_CASE("page: a canvas becomes what the metadata say") {
  InputSection input{.size = kSize, .mean = {0.5, 0.4, 0.3}};
  input.interpolation = GENERATE("bicubic", "bilinear");
  int resize = 36;  // of a training that resized nothing, the input's longer side
  Canvas canvas(50, 70);
  SECTION("resized and cropped") {
    input.resize = resize;
    input.crop = "center";
  }
  SECTION("resized and cropped although training did neither") {
    resize = kSize;
  }
  SECTION("resized and cropped although training padded and resized nothing") {
    resize = kSize;
    input.crop = "random";
    input.padding = 2;
  }
  SECTION("as it is, where it has the size already") {
    resize = 0;
    canvas = Canvas(kSize, kSize);
  }
  InputSection expected_input = input;
  expected_input.resize = resize;
  expected_input.crop = "center";
  expected_input.padding = 0;
  std::vector<float> image, expected(std::size_t{kSize} * kSize * 3);
  Transform(transform_config(expected_input), false).apply(canvas.picture, {}, expected.data());
  REQUIRE(prepare(load(metadata_of(input)).get(), canvas, image) == TERN_ENGINE_OK);
  CHECK(image == expected);
}

TEST_CASE("page: what cannot be prepared is a status and a text") {
  std::vector<float> image;
  CHECK(prepare(load(model_metadata(kSize, 10)).get(), Canvas(1, 1000), image) == TERN_ENGINE_BAD_ARGUMENT);
  CHECK_THAT(tern_engine_error(), Contains("more than 500 times"));
  CHECK(prepare(load({}).get(), Canvas(8, 8), image) == TERN_ENGINE_BAD_MODEL);
  CHECK_THAT(tern_engine_error(), Contains("does not say how its images are made"));
}

}  // namespace
}  // namespace tern::test
