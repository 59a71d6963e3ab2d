#include "tern/layers/whitening.h"

#include <cmath>

#include "tern/core/error.h"
#include "tern/layers/state_dict.h"
#include "tern/layers/symmetric_eigen.h"
#include "tern/layers/whitened_conv2d.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/random_tensors.h"

namespace tern {
namespace {

constexpr std::int64_t kImages = 40, kSize = 6, kChannels = 2;
constexpr std::int64_t kValues = 9 * kChannels;

// Neighbouring pixels and the channels are alike, and the mean is not 0.
Tensor smooth_images() {
  Tensor images = test::random_tensor({kImages, kSize, kSize, kChannels}, 1);
  float last = 0;
  for (std::int64_t i = 0; i < images.numel(); ++i) {
    last = 0.7F * last + images.data<float>()[i];
    images.data<float>()[i] = last + 0.5F;
  }
  return images;
}

PatchStatistics statistics(const Tensor& images) {
  PatchStatistics patches(3, kChannels);
  patches.add(images);
  return patches;
}

// The patch whose middle is pixel (y, x), times each filter, plus the bias.
std::vector<double> map_of(const PatchMap& map, const Tensor& images, std::int64_t image, std::int64_t y,
                           std::int64_t x) {
  std::vector<double> result = test::as_doubles(map.bias);
  const float* filter = map.filters.data<float>();
  for (double& sum : result) {
    for (std::int64_t i = 0; i < kValues; ++i) {
      const std::int64_t row = y - 1 + i / (3 * kChannels);
      const std::int64_t in_row = (x - 1) * kChannels + i % (3 * kChannels);
      sum += double{*filter++} * images.data<float>()[(image * kSize + row) * kSize * kChannels + in_row];
    }
  }
  return result;
}

TEST_CASE(
    "whitening: of the patches that it was made of, the outputs are uncorrelated, of mean 0, variance 1") {
  const Tensor images = smooth_images();
  const PatchStatistics patches = statistics(images);
  CHECK(patches.count() == kImages * 16);
  const PatchMap map = whitening(patches);
  std::vector<double> mean(kValues), products(kValues * kValues);
  for (std::int64_t image = 0; image < kImages; ++image) {
    for (std::int64_t pixel = 0; pixel < 16; ++pixel) {
      const std::vector<double> y = map_of(map, images, image, 1 + pixel / 4, 1 + pixel % 4);
      for (std::size_t a = 0; a < kValues; ++a) {
        CHECK(y[kValues + a] == -y[a]);
        mean[a] += y[a] / static_cast<double>(patches.count());
        for (std::size_t b = 0; b < kValues; ++b)
          products[a * kValues + b] += y[a] * y[b] / static_cast<double>(patches.count());
      }
    }
  }
  const std::vector<double> variances = symmetric_eigen(patches.covariance()).values;
  constexpr double kRounding = 1e-5;  // filters and bias are f32
  for (std::size_t a = 0; a < kValues; ++a) {
    CHECK(mean[a] == Approx(0).margin(kRounding));
    for (std::size_t b = 0; b < kValues; ++b) {
      const double variance = variances[a] / (variances[a] + 5e-4);
      CHECK(products[a * kValues + b] == Approx(a == b ? variance : 0).margin(kRounding));
    }
  }
}

TEST_CASE(
    "whitening: patches may be added image by image, and their signs are those of the largest component") {
  const Tensor images = smooth_images();
  PatchStatistics one_by_one(3, kChannels);
  const std::int64_t values = kSize * kSize * kChannels;
  for (std::int64_t i = 0; i < kImages; ++i) {
    Tensor image = Tensor::empty({1, kSize, kSize, kChannels});
    std::copy_n(images.data<float>() + i * values, values, image.data<float>());
    one_by_one.add(image);
  }
  const PatchMap map = whitening(one_by_one), expected = whitening(statistics(images));
  CHECK(test::bit_difference(map.filters, expected.filters) == "");
  CHECK(test::bit_difference(map.bias, expected.bias) == "");
  for (std::int64_t k = 0; k < kValues; ++k) {
    const float* filter = map.filters.data<float>() + k * kValues;
    const auto [least, most] = std::minmax_element(filter, filter + kValues);
    CHECK(*most >= -*least);
  }
}

TEST_CASE("whitening: no patch, images without room for one or of other channels are errors") {
  CHECK_THROWS_AS(whitening(PatchStatistics(3, 1)), DataError);
  PatchStatistics patches(3, 3);
  CHECK_THROWS_AS(patches.add(Tensor::zeros({1, 2, 8, 3})), ShapeError);
  CHECK_THROWS_AS(patches.add(Tensor::zeros({1, 8, 8, 1})), ShapeError);
}

TEST_CASE("whitened convolution: its filters are no parameters, but its bias is, and both are in its state") {
  const Device device = test::each_device();
  WhitenedConv2d layer(kChannels);
  layer.to(device);
  const Tensor images = smooth_images();
  layer.whiten([&] {
    PatchStatistics patches = layer.patches();
    patches.add(images);
    return patches;
  }());
  REQUIRE(layer.named_parameters().size() == 1);
  CHECK(layer.named_parameters()[0].first == "bias");
  CHECK(state_dict(layer).size() == 2);

  const PatchMap map = whitening(statistics(images));
  const Variable y = layer.forward(Variable(images.to(device)));
  CHECK(y.shape() == Shape{kImages, kSize, kSize, 2 * kValues});
  const std::vector<double> all = test::as_doubles(y.value()), one = map_of(map, images, 3, 2, 4);
  for (std::size_t o = 0; o < one.size(); ++o)
    CHECK(all[((3 * kSize + 2) * kSize + 4) * one.size() + o] == Approx(one[o]).margin(1e-4));
  y.backward(Tensor::full(y.shape(), 1).to(device));
  CHECK(layer.named_parameters()[0].second.has_grad());
}

}  // namespace
}  // namespace tern
