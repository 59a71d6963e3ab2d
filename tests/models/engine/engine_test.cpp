#include "tern/models/engine/engine.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "tern/core/error.h"
#include "tern/core/usable_cpus.h"
#include "tern/data/digits.h"
#include "tern/data/image_file.h"
#include "tern/data/jpeg.h"
#include "tern/data/transforms.h"
#include "tern/layers/state_dict.h"
#include "tern/models/engine/steps/ternary.h"
#include "tests/models/engine/merged_file.h"
#include "tests/models/engine/unfused_pass.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

using namespace tern;
using Catch::Contains;
using engine::Engine;

namespace {

using Bits = std::vector<std::uint32_t>;

Bits bits(const float* values, std::size_t count) {
  Bits words(count);
  if (count > 0) std::memcpy(words.data(), values, count * sizeof(float));
  return words;
}

Bits bits(const std::vector<float>& values) {
  return bits(values.data(), values.size());
}

// Both stems, widths around the words of 64 channels and the blocks of 8 filters, odd depths.
std::vector<ResNetConfig> networks() {
  return {{BlockKind::sttn, Stem::cifar, {8, 24, 40}, {1, 2, 1}, 10, {32, 32, 3}},
          {BlockKind::sttn, Stem::imagenet, {20, 68}, {2, 1}, 7, {48, 64, 3}},
          {BlockKind::sttn, Stem::cifar, {64, 130}, {1, 1}, 3, {10, 10, 3}},
          {BlockKind::sttn, Stem::cifar, {3, 3}, {1, 1}, 2, {8, 8, 3}}};
}

std::vector<float> run(Engine& engine, const Tensor& images) {
  std::vector<float> logits(static_cast<std::size_t>(images.dim(0)) *
                            static_cast<std::size_t>(engine.classes()));
  engine.run(images.data<float>(), static_cast<std::size_t>(images.dim(0)), logits.data());
  return logits;
}

// The values of packed activations, without their border.
std::vector<std::int8_t> unpack(const engine::PackedMap& map, const engine::Arena& arena) {
  const auto* words = arena.at<std::uint64_t>(map.offset);
  std::vector<std::int8_t> values;
  for (int row = 0; row < map.height; ++row) {
    for (int column = 0; column < map.width; ++column) {
      const std::uint64_t* pixel =
          words + map.first_pixel() + row * map.row_words() + column * map.pixel_words();
      for (int c = 0; c < map.channels; ++c) {
        const std::uint64_t sign = pixel[c / 64 * 2] >> (c % 64) & 1,
                            mask = pixel[c / 64 * 2 + 1] >> (c % 64) & 1;
        values.push_back(static_cast<std::int8_t>(mask == 0 ? 0 : sign == 0 ? 1 : -1));
      }
    }
  }
  return values;
}

// Runs the steps behind the stem one by one; returns how many ternary activations of each ternary convolution
// differ.
std::vector<std::size_t> differing_activations(const engine::Plan& plan, const engine::Run& run,
                                               const std::vector<Tensor>& expected) {
  std::vector<std::size_t> differing;
  for (std::size_t i = 1; i < plan.steps().size(); ++i) {
    const engine::Step& step = *plan.steps()[i].step;
    if (const auto* ternary = dynamic_cast<const engine::TernaryStep*>(&step)) {
      REQUIRE(differing.size() < expected.size());
      const std::vector<std::int8_t> got = unpack(ternary->input(), run.arena),
                                     wanted = expected[differing.size()].to_vector<std::int8_t>();
      REQUIRE(got.size() == wanted.size());
      std::size_t count = 0;
      for (std::size_t k = 0; k < got.size(); ++k) count += got[k] != wanted[k] ? 1 : 0;
      differing.push_back(count);
    }
    step.run(run, {});
  }
  REQUIRE(differing.size() == expected.size());
  return differing;
}

// Digits, decoded from JPEG and enlarged to `size`.
Tensor digit_images(std::uint32_t count, int size) {
  TransformConfig config;
  config.size = {size, size};
  config.resize = size;
  config.mean.fill(0.5F);
  config.std.fill(0.25F);
  const Transform transform(config, false);
  Tensor images = Tensor::empty({count, size, size, 3});
  for (std::uint32_t i = 0; i < count; ++i) {
    int label = 0;
    const Image image = decode_image(encode_jpeg(render_digit(5, Split::test, i, label), 90), "digit");
    transform.apply(image, {}, images.data<float>() + i * images.numel() / count);
  }
  return images;
}

// Of the linear layer of `network`, computed in doubles. `tolerance` is what a sum in floats may be off by:
// one rounding for each product and each addition, of no more than the sum of the absolute values.
std::vector<double> exact_logits(const Module& network, const std::vector<float>& averages,
                                 std::vector<double>& tolerance) {
  std::map<std::string, std::vector<float>> state;
  for (const StateEntry& entry : state_dict(network)) {
    if (entry.name.rfind("fc.", 0) == 0) state.emplace(entry.name, entry.tensor.to_vector<float>());
  }
  const std::vector<float>&weights = state.at("fc.weight"), &bias = state.at("fc.bias");
  std::vector<double> logits;
  for (std::size_t o = 0; o < bias.size(); ++o) {
    double sum = bias[o], magnitude = std::abs(sum);
    for (std::size_t c = 0; c < averages.size(); ++c) {
      const double product = double{weights[o * averages.size() + c]} * averages[c];
      sum += product;
      magnitude += std::abs(product);
    }
    logits.push_back(sum);
    tolerance.push_back(2 * static_cast<double>(averages.size() + 1) * test::kUnit * magnitude);
  }
  return logits;
}

std::size_t largest(const float* logits, std::int64_t classes) {
  return static_cast<std::size_t>(std::max_element(logits, logits + classes) - logits);
}

}  // namespace

TEST_CASE(
    "engine: from the same stem on, all ternary activations and the averages are the network's to the bit, "
    "and "
    "the logits up to roundings") {
  for (const ResNetConfig& config : networks()) {
    const test::MergedFile file = test::merged_file(config);
    const auto source = file.source();
    const Engine engine(*source, 1);
    const Tensor image = test::random_tensor({1, config.image[0], config.image[1], 3}, 3, -2, 2);
    const test::UnfusedPass expected = test::unfused_pass(*file.network, image);
    const engine::Plan& plan = engine.plan();
    const engine::Arena arena(plan.layout());
    const engine::ActivationMap* stem =
        plan.floats(config.stem == Stem::imagenet ? "features.3" : "features.2");
    REQUIRE(stem != nullptr);
    REQUIRE(stem->height == expected.stem.dim(1));
    Tensor logits = Tensor::empty({config.classes});
    const engine::FloatRows rows(image.data<float>(), engine::ActivationMap{0, 0, 0, 0});
    const engine::Run run{rows, arena, logits.data<float>()};
    std::copy_n(expected.stem.data<float>(), expected.stem.numel(), run.floats(*stem));
    for (const std::size_t count : differing_activations(plan, run, expected.ternary)) CHECK(count == 0);
    const std::vector<float> averages = expected.averages.to_vector<float>();
    CHECK(bits(run.floats(*plan.floats("avgpool")), averages.size()) == bits(averages));
    std::vector<double> tolerance;
    const std::vector<double> exact = exact_logits(*file.network, averages, tolerance);
    CHECK(test::difference(logits, exact, tolerance) == "");
  }
}

TEST_CASE(
    "engine: on decoded JPEGs, the network's classes and, up to roundings in the stem, its activations") {
  struct Case {
    Stem stem;
    int size;
    std::uint32_t count;
  };
  const auto [stem, size, count] =
      GENERATE(Case{Stem::cifar, 32, 40}, Case{Stem::imagenet, 32, 40}, Case{Stem::imagenet, 224, 3});
  const ResNetConfig config{BlockKind::sttn, stem, {16, 32, 64}, {1, 1, 1}, 10, {size, size, 3}};
  const test::MergedFile file = test::merged_file(config);
  const auto source = file.source();
  Engine engine(*source, 1);
  const Tensor images = digit_images(count, size);
  const std::vector<float> logits = run(engine, images);
  const engine::Arena arena(engine.plan().layout());
  std::size_t differing = 0, activations = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::int64_t values = images.numel() / count;
    const float* image = images.data<float>() + i * values;
    const test::UnfusedPass expected = test::unfused_pass(
        *file.network, Tensor::from<float>({1, size, size, 3}, std::vector<float>(image, image + values)));
    CHECK(largest(logits.data() + i * 10, 10) == largest(expected.logits.data<float>(), 10));
    std::vector<float> unused(10);
    const engine::ActivationMap shape{size, size, 3, 0};
    const engine::FloatRows rows(image, shape);
    const engine::Run run{rows, arena, unused.data()};
    engine.plan().steps().front().step->run(run, {});
    for (const std::size_t layer : differing_activations(engine.plan(), run, expected.ternary))
      differing += layer;
    for (const Tensor& layer : expected.ternary) activations += static_cast<std::size_t>(layer.numel());
  }
  INFO(differing << " of " << activations << " ternary activations differ");
  CHECK(differing <= activations / 10000);
}

TEST_CASE("engine: logits are equal to the bit for any number of threads and of images at a time") {
  for (const ResNetConfig& config : networks()) {
    const test::MergedFile file = test::merged_file(config);
    const auto source = file.source();
    const Tensor images = test::random_tensor({5, config.image[0], config.image[1], 3}, 4, -2, 2);
    Engine alone(*source, 1);
    const std::vector<float> expected = run(alone, images);
    for (const int threads : {2, 3, 7}) {
      Engine several(*source, threads);
      CHECK(several.threads() == threads);
      CHECK(bits(run(several, images)) == bits(expected));
    }
    std::vector<float> one_by_one;
    for (std::int64_t i = 0; i < 5; ++i) {
      const std::int64_t values = images.numel() / 5;
      std::vector<float> logits(static_cast<std::size_t>(config.classes));
      alone.run(images.data<float>() + i * values, 1, logits.data());
      one_by_one.insert(one_by_one.end(), logits.begin(), logits.end());
    }
    CHECK(bits(one_by_one) == bits(expected));
  }
}

TEST_CASE("engine: an image that threads share waits until each has done those of its own") {
  const test::MergedFile file = test::merged_file({BlockKind::sttn, Stem::cifar, {16}, {1}, 3, {16, 16, 3}});
  const auto source = file.source();
  const Tensor images = test::random_tensor({5, 16, 16, 3}, 6, -2, 2);
  Engine alone(*source, 1), several(*source, 2);
  const Bits expected = bits(run(alone, images));
  int wrong = 0;
  // Now and then the thread that does not own the memory of the shared image is done first.
  for (int round = 0; round < 600; ++round) wrong += bits(run(several, images)) == expected ? 0 : 1;
  CHECK(wrong == 0);
}

TEST_CASE("engine: 8-bit images give the logits of the same images as floats") {
  const ResNetConfig config{BlockKind::sttn, Stem::cifar, {8, 16}, {1, 1}, 10, {32, 32, 3}};
  const test::MergedFile file = test::merged_file(config, test::model_metadata(32, 10));
  const auto source = file.source();
  Engine engine(*source, 2);
  const engine::PixelTable table = engine::pixel_table(engine.metadata()->input);
  CHECK(table[0][0] == (0.0F - 0.4F) / 0.2F);
  CHECK(table[2][255] == (1.0F - 0.6F) / 0.3F);
  std::vector<std::uint8_t> pixels(3 * 32 * 32 * 3);
  std::vector<float> floats;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint8_t>(i * 7 % 256);
    floats.push_back(table[i % 3][pixels[i]]);
  }
  std::vector<float> expected(30), logits(30);
  engine.run(floats.data(), 3, expected.data());
  engine.run(pixels.data(), 3, logits.data());
  CHECK(bits(logits) == bits(expected));
}

TEST_CASE("engine: 8-bit images of one channel give the logits of the same images as floats") {
  const ResNetConfig config{BlockKind::sttn, Stem::cifar, {8, 16}, {1, 1}, 10, {12, 12, 1}};
  ModelMetadata model{grey_input(), std::vector<std::string>(10, "digit")};
  model.input.size = 12;
  Metadata metadata;
  add_to(metadata, model);
  const test::MergedFile file = test::merged_file(config, metadata);
  const auto source = file.source();
  Engine engine(*source, 2);
  CHECK(engine.input_channels() == 1);
  std::vector<std::uint8_t> pixels(3 * 12 * 12);
  std::vector<float> floats;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint8_t>(i * 7 % 256);
    floats.push_back((static_cast<float>(pixels[i]) / 255.0F - 0.459F) / 0.226F);
  }
  std::vector<float> expected(30), logits(30);
  engine.run(floats.data(), 3, expected.data());
  engine.run(pixels.data(), 3, logits.data());
  CHECK(bits(logits) == bits(expected));
  CHECK(logits[0] != logits[10]);
}

TEST_CASE("engine: what cannot be run is an error that says what to do") {
  const ResNetConfig config{BlockKind::sttn, Stem::imagenet, {8, 16}, {1, 1}, 10, {32, 32, 3}};
  const test::MergedFile file = test::merged_file(config);
  const auto source = file.source();
  Engine engine(*source, 1);
  const std::size_t values = 32 * 32 * 3;
  std::vector<float> images(2 * values), logits(20);
  const std::vector<std::uint8_t> pixels(values);
  CHECK_THROWS_WITH(engine.run(images.data(), 0, logits.data()), Contains("give it at least one"));
  CHECK_THROWS_WITH(engine.run(pixels.data(), 1, logits.data()), Contains("give it floats"));
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    // In the last pixel it is also last in the windows of the pools, whose other values must not hide it.
    for (const std::size_t at : {values + 500, 2 * values - 1}) {
      std::fill(images.begin(), images.end(), 0.0F);
      images[at] = bad;
      CHECK_THROWS_AS(engine.run(images.data(), 2, logits.data()), NumericError);
      CHECK_THROWS_WITH(engine.run(images.data(), 2, logits.data()), Contains("logit 0 of image 1 is"));
    }
  }
  for (const int threads : {-1, 1025}) {
    CHECK_THROWS_WITH(Engine(*source, threads), Contains("expected 1 to 1024, or 0 for all"));
  }
}

TEST_CASE("engine: 0 threads are as many as OMP_NUM_THREADS says, or the process may use") {
  const test::MergedFile file = test::merged_file({BlockKind::sttn, Stem::cifar, {8}, {1}, 2, {8, 8, 3}});
  const auto source = file.source();
  CHECK(Engine(*source, 0).threads() == default_threads());
}
