// The stem of 8-bit images in integers: kernels, the engine, what it refuses.
#include <cmath>
#include <cstring>
#include <random>

#include "tern/core/error.h"
#include "tern/kernels/cpu/floats/int16_weights.h"
#include "tern/kernels/cpu/floats/kernels.h"
#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/layers/graph/builder.h"
#include "tern/models/engine/engine.h"
#include "tern/models/engine/pixel_finder.h"
#include "tern/models/model_file.h"
#include "tern/models/stem_arithmetic.h"
#include "tests/support/catch.h"
#include "tests/support/random_tensors.h"

namespace tern::int16_stem {
namespace {

using Catch::Contains;
using floats::kImageChannels;
namespace winograd = floats::winograd;

constexpr floats::PixelRange kRange{-100, 155};
constexpr std::int16_t kGuard = 12345;
constexpr int kReadBeyond = floats::StemKernels<std::int16_t>::kReadBeyond;

struct Problem {
  int kernel, stride, width, channels;  // width: of the output
  floats::RowShape shape() const { return {kernel, stride, width, floats::padded_channels(channels)}; }
};

constexpr Problem kProblems[] = {{7, 2, 112, 64}, {3, 1, 32, 16}, {3, 1, 5, 3},  {7, 2, 1, 20},
                                 {3, 1, 14, 33},  {7, 2, 57, 48}, {7, 1, 9, 20}, {1, 1, 3, 16}};

struct Data {
  std::vector<std::int16_t> image;
  std::vector<float> weights;
  floats::Int16Weights arranged;

  /// Random ones, or the largest sums that there can be.
  Data(const Problem& p, bool largest) {
    std::mt19937 random(3);
    std::uniform_int_distribution<int> pixel(kRange.low, kRange.high);
    std::normal_distribution<float> weight;
    image.resize(static_cast<std::size_t>(p.kernel * p.shape().input_width() * kImageChannels + kReadBeyond));
    for (std::int16_t& value : image)
      value = static_cast<std::int16_t>(largest ? kRange.high : pixel(random));
    weights.resize(static_cast<std::size_t>(p.channels * p.kernel * p.kernel * kImageChannels));
    for (float& value : weights) value = largest ? 1 : weight(random);
    arranged = floats::arrange_int16_weights(p.shape(), weights.data(), p.channels, {kRange, kRange, kRange});
  }
  double pixel(const Problem& p, int row, int column, int c) const {
    return image[static_cast<std::size_t>((row * p.shape().input_width() + column) * kImageChannels + c)];
  }
};

double convolution(const Problem& p, const Data& data, int column, int channel) {
  double sum = 0;
  std::size_t at = static_cast<std::size_t>(channel * p.kernel * p.kernel * kImageChannels);
  for (int row = 0; row < p.kernel; ++row) {
    for (int k = 0; k < p.kernel; ++k) {
      for (int c = 0; c < kImageChannels; ++c) {
        sum += double{data.weights[at++]} * data.pixel(p, row, column * p.stride + k, c);
      }
    }
  }
  return sum;
}

/// Of int16_weights.h, for scale 1.
double bound(const Problem& p, const Data& data, int column) {
  double sum = 0;
  const int tile = column / winograd::kOutputs, output = column % winograd::kOutputs;
  for (int row = 0; row < p.kernel; ++row) {
    for (int tap = 0; tap < p.shape().row_taps(); ++tap) {
      const int c = tap % kImageChannels, k = tap / kImageChannels;
      if (!p.shape().minimal()) {
        sum += std::abs(data.pixel(p, row, column * p.stride + k, c)) / 2;
        continue;
      }
      for (int point = 0; point < winograd::kPoints; ++point) {
        double input = 0;
        for (int i = 0; i < winograd::kPoints; ++i) {
          input += winograd::kIntegerMatrices.input[point][i] *
                   data.pixel(p, row, 2 * (tile * winograd::kOutputs + i) + k, c);
        }
        sum += std::abs(winograd::kIntegerMatrices.output[output][point] * input) / 2;
      }
    }
  }
  return sum;
}

/// The sums of the integers, as floats.
std::vector<float> compute(const floats::Kernels& kernels, const Problem& p, const Data& data) {
  const floats::RowShape shape = p.shape();
  std::vector<std::vector<std::int16_t>> prepared;
  std::vector<const std::int16_t*> rows;
  for (int row = 0; row < p.kernel; ++row) {
    prepared.emplace_back(static_cast<std::size_t>(shape.prepared_values()) + 1, kGuard);
    kernels.int16_stem.prepare(shape, data.image.data() + row * shape.input_width() * kImageChannels,
                               prepared.back().data());
    CHECK(prepared.back().back() == kGuard);
  }
  for (const auto& row : prepared) rows.push_back(row.data());
  const std::vector<float> zeros(static_cast<std::size_t>(shape.channels), 0),
      ones(static_cast<std::size_t>(shape.channels), 1);
  const std::vector<const float*> means(static_cast<std::size_t>(shape.computed_width()), zeros.data());
  std::vector<float> y(static_cast<std::size_t>(shape.computed_width() * shape.channels + 1), kGuard);
  kernels.int16_stem.row(shape, rows.data(), data.arranged.values.data(),
                         {means.data(), ones.data(), zeros.data(), ones.data()}, y.data());
  CHECK(y.back() == kGuard);
  return y;
}

Metadata metadata(int height, int width, std::int64_t classes, StemArithmetic stem) {
  ModelMetadata model;  // its means are no whole grey levels
  model.input.set_image({height, width, 3});
  for (std::int64_t i = 0; i < classes; ++i) model.class_names.push_back(std::to_string(i));
  Metadata metadata;
  add_to(metadata, model);
  set_stem_arithmetic(metadata, stem);
  return metadata;
}

/// A network of a stem alone, whose logits are its result.
MergedNetwork stem_network(const Shape& image, const graph::Window& window, bool pool) {
  constexpr std::int64_t kFilters = 20;
  GraphBuilder builder;
  Value x = builder.conv2d("conv", builder.input(image), kFilters, window, false);
  x = builder.prelu("prelu", builder.batch_norm("bn", x));
  if (pool) x = builder.max_pool2d("pool", x, graph::Window::square(3, 2, 1));
  MergedNetwork network{std::move(builder).finish(builder.flatten("flatten", x)), {}};
  std::uint32_t seed = 1;
  for (const graph::Node& node : network.graph.nodes) {
    for (const graph::Parameter& parameter : node.parameters) {
      const float low = parameter.role == "running_var" ? 1 : -1;
      network.state.emplace(parameter.name, test::random_tensor(parameter.shape, seed++, low, 2));
    }
  }
  return network;
}

std::vector<std::uint8_t> random_pixels(std::size_t count) {
  std::mt19937 random(5);
  std::vector<std::uint8_t> pixels(count);
  for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(random());
  return pixels;
}

template <class Pixel>
std::vector<float> run(const std::string& file, const std::vector<Pixel>& images, int threads = 1) {
  engine::Engine engine(*memory_source(file.data(), file.size(), "model"), threads);
  const std::size_t count = images.size() / engine.image_values();
  std::vector<float> logits(count * static_cast<std::size_t>(engine.classes()));
  engine.run(images.data(), count, logits.data());
  return logits;
}

std::string file_of(const MergedNetwork& network, StemArithmetic stem) {
  const Shape& image = network.graph.input().output;
  return merged_bytes(network, metadata(static_cast<int>(image[0]), static_cast<int>(image[1]),
                                        network.graph.classes(), stem));
}

bool equal_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("int16 stem: sums are those of the weights up to half a unit of each, and equal on every target") {
  for (const Problem& p : kProblems) {
    for (const bool largest : {false, true}) {
      const Data data(p, largest);
      const std::vector<float> expected = compute(floats::portable_kernels(), p, data);
      for (const packed::Kernels* target : packed::available_kernels()) {
        INFO(target->name << ", " << p.kernel << "x" << p.kernel << ", width " << p.width);
        CHECK(equal_bits(compute(floats::kernels_for(target->name), p, data), expected));
      }
      for (int column = 0; column < p.width; ++column) {
        const double most = bound(p, data, column);
        for (int channel = 0; channel < p.channels; ++channel) {
          const double scale = data.arranged.scale[static_cast<std::size_t>(channel)],
                       got = expected[static_cast<std::size_t>(column * p.shape().channels + channel)],
                       exact = convolution(p, data, column, channel) / scale;
          // Beside the weights up to 7 sums are rounded, and added up, each at most 2^31 times 1.
          if (std::abs(got - exact) > most + 14 * 0x1p31 * 0x1p-24) {
            FAIL("column " << column << ", channel " << channel << ": " << got << ", not " << exact);
          }
        }
      }
    }
  }
}

TEST_CASE("int16 stem: the engine's results are the floats' up to the roundings, in the corners, too") {
  struct Case {
    Shape image;
    graph::Window window;
    bool pool;
  };
  for (const Case& c : {Case{{23, 38, 3}, graph::Window::square(7, 2, 3), false},
                        Case{{23, 38, 3}, graph::Window::square(7, 2, 3), true},
                        Case{{9, 5, 3}, graph::Window::square(3, 1, 1), false},
                        Case{{4, 4, 3}, graph::Window::square(5, 1, 4), false}}) {
    const MergedNetwork network = stem_network(c.image, c.window, c.pool);
    const auto pixels = random_pixels(static_cast<std::size_t>(2 * c.image.numel()));
    const std::vector<float> floats = run(file_of(network, StemArithmetic::floats), pixels);
    const std::string file = file_of(network, StemArithmetic::int16);
    const std::vector<float> integers = run(file, pixels);
    CHECK_FALSE(equal_bits(integers, floats));
    double squares = 0;
    for (const float value : floats) squares += double{value} * value;
    const double deviation = std::sqrt(squares / static_cast<double>(floats.size()));
    for (std::size_t i = 0; i < floats.size(); ++i) {
      if (std::abs(integers[i] - floats[i]) > 1.5e-3 * deviation) {
        FAIL("logit " << i << ": " << integers[i] << ", not " << floats[i] << "; deviation " << deviation);
      }
    }
    CHECK(equal_bits(run(file, pixels, 2), integers));
    CHECK(equal_bits(run(file, std::vector(pixels.begin(), pixels.begin() + c.image.numel()), 2),
                     {integers.begin(), integers.begin() + network.graph.classes()}));
  }
}

TEST_CASE("int16 stem: floats that are 8-bit pixels are taken for these, others are computed in floats") {
  const MergedNetwork network = stem_network({12, 13, 3}, graph::Window::square(3, 1, 1), false);
  const std::string floats = file_of(network, StemArithmetic::floats),
                    integers = file_of(network, StemArithmetic::int16);
  const auto pixels = random_pixels(12 * 13 * 3);
  const engine::PixelTable table = engine::pixel_table(ModelMetadata().input);
  std::vector<float> image;
  for (std::size_t i = 0; i < pixels.size(); ++i) image.push_back(table[i % 3][pixels[i]]);
  CHECK(equal_bits(run(integers, image), run(integers, pixels)));
  image[100] += 0.001F;
  CHECK(equal_bits(run(integers, image), run(floats, image)));
}

TEST_CASE("int16 stem: pixels are found up to a tolerance, and nothing else is") {
  InputSection input;
  const engine::PixelFinder finder(input, {1, 1, 3, 0});
  const auto normalised = [&](double pixel, std::size_t c) {
    return static_cast<float>((pixel / 255 - input.mean[c]) / input.std[c]);
  };
  std::uint8_t pixels[3];
  for (int pixel = 0; pixel < 256; ++pixel) {
    const float image[] = {normalised(pixel, 0), normalised(pixel + 0.0005, 1),
                           normalised(pixel - 0.0005, 2)};
    REQUIRE(finder.find(image, pixels));
    for (const std::uint8_t found : pixels) CHECK(found == pixel);
  }
  for (const double stranger : {0.002, 254.998, 100.5, -1.0, 256.0, 1e9}) {
    const float image[] = {normalised(7, 0), normalised(stranger, 1), normalised(7, 2)};
    CHECK_FALSE(finder.find(image, pixels));
  }
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    const float image[] = {bad, 0, 0};
    CHECK_FALSE(finder.find(image, pixels));
  }
}

TEST_CASE("int16 stem: what it cannot be computed of is refused, and says what to do") {
  const auto refused = [](const MergedNetwork& network, const Metadata& metadata, const char* message) {
    const std::string file = merged_bytes(network, metadata);
    CHECK_THROWS_AS(engine::Engine(*memory_source(file.data(), file.size(), "model"), 1), DataError);
    CHECK_THROWS_WITH(engine::Engine(*memory_source(file.data(), file.size(), "model"), 1),
                      Contains(message));
  };
  const MergedNetwork network = stem_network({12, 12, 3}, graph::Window::square(3, 1, 1), false);
  Metadata other = metadata(12, 12, network.graph.classes(), StemArithmetic::int16);
  other["stem"] = "int4";
  refused(network, other, "metadata \"stem\" is \"int4\", expected float or int16");
  refused(network, {{"stem", "int16"}}, "metadata \"input\" is missing");
  const MergedNetwork wide = stem_network({12, 12, 3}, graph::Window::square(5, 2, 1), false);
  refused(wide, metadata(12, 12, wide.graph.classes(), StemArithmetic::int16), "merge it with --stem float");
}

}  // namespace tern::int16_stem
