#include "tern/data/mixing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tern/core/error.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

constexpr std::int64_t kCount = 4, kHeight = 6, kWidth = 10, kChannels = 3,
                       kImage = kHeight * kWidth * kChannels;

/// Image n is n + 1 everywhere, plus a thousandth of the element's index: each element tells where it is
/// from.
std::vector<float> pixels_of_batch() {
  std::vector<float> values;
  for (std::int64_t n = 0; n < kCount; ++n) {
    for (std::int64_t i = 0; i < kImage; ++i) {
      values.push_back(static_cast<float>(n + 1) + static_cast<float>(i) / 1000.0F);
    }
  }
  return values;
}

struct Mixed {
  std::vector<float> pixels;
  std::vector<std::int64_t> labels, partners;
  float share = 0;

  /// The share of image n in the pixels of image n, whatever the labels are called.
  double share_of_first() const { return labels[0] == 10 ? share : 1 - share; }
};

Mixed mix(const MixingConfig& config, std::uint32_t stream) {
  Tensor x = Tensor::from<float>({kCount, kHeight, kWidth, kChannels}, pixels_of_batch());
  Tensor labels = Tensor::from<std::int64_t>({kCount}, {10, 11, 12, 13});
  Tensor partners = Tensor::empty({kCount}, DType::i64);
  Random random(3, RandomPurpose::test, 0, stream);
  const Mix drawn = draw_mix(config, {kHeight, kWidth}, random);
  mix_images(drawn, x);
  const float share = mix_labels(drawn, labels, partners);
  return {x.to_vector<float>(), labels.to_vector<std::int64_t>(), partners.to_vector<std::int64_t>(), share};
}

/// Element i of image n and of the one before it, unmixed.
float own(std::int64_t n, std::int64_t i) {
  return pixels_of_batch()[static_cast<std::size_t>(n * kImage + i)];
}
float before(std::int64_t n, std::int64_t i) {
  return own((n + kCount - 1) % kCount, i);
}

void check_labels(const Mixed& mixed) {
  const std::vector<std::int64_t> own_labels = {10, 11, 12, 13}, labels_before = {13, 10, 11, 12};
  CHECK((mixed.share >= 0.5F && mixed.share <= 1.0F));
  const bool kept = mixed.labels == own_labels;
  CHECK((kept || mixed.labels == labels_before));
  CHECK(mixed.partners == (kept ? labels_before : own_labels));
}

TEST_CASE("mixing: mixup adds each image and the one before it by their shares") {
  bool swapped = false;
  for (std::uint32_t stream = 0; stream < 20; ++stream) {
    const Mixed mixed = mix({.mixup = 1.0F}, stream);
    check_labels(mixed);
    swapped |= mixed.labels[0] != 10;
    const auto share = static_cast<float>(mixed.share_of_first());
    for (std::int64_t n = 0; n < kCount; ++n) {
      for (std::int64_t i = 0; i < kImage; ++i) {
        const double expected = share * own(n, i) + (1 - share) * before(n, i);
        REQUIRE(mixed.pixels[static_cast<std::size_t>(n * kImage + i)] == Approx(expected).epsilon(1e-6));
      }
    }
  }
  CHECK(swapped);
}

TEST_CASE("mixing: cutmix puts the same rectangle of the image before into each, its area is the share") {
  bool swapped = false, clipped = false, whole = false;
  for (std::uint32_t stream = 0; stream < 50; ++stream) {
    const Mixed mixed = mix({.cutmix = 1.0F}, stream);
    check_labels(mixed);
    swapped |= mixed.labels[0] != 10;
    std::vector<std::int64_t> taken;  // of the first image: elements from its partner
    for (std::int64_t n = 0; n < kCount; ++n) {
      std::vector<std::int64_t> here;
      for (std::int64_t i = 0; i < kImage; ++i) {
        const float value = mixed.pixels[static_cast<std::size_t>(n * kImage + i)];
        REQUIRE((value == own(n, i) || value == before(n, i)));
        if (value == before(n, i)) here.push_back(i);
      }
      if (n == 0) taken = here;
      CHECK(here == taken);
    }
    CHECK(mixed.share_of_first() ==
          Approx(1 - static_cast<double>(taken.size()) / static_cast<double>(kImage)).margin(1e-6));
    if (taken.empty()) continue;
    const std::int64_t first = taken.front() / kChannels, last = taken.back() / kChannels;
    const std::int64_t height = last / kWidth - first / kWidth + 1,
                       width = last % kWidth - first % kWidth + 1;
    CHECK(height * width * kChannels == static_cast<std::int64_t>(taken.size()));
    const double rows = static_cast<double>(height) / kHeight, columns = static_cast<double>(width) / kWidth;
    const bool has_shape = std::abs(rows - columns) < 1.0 / kHeight + 1.0 / kWidth;  // both are rounded
    const bool at_border = first < kWidth || last >= kImage / kChannels - kWidth || first % kWidth == 0 ||
                           last % kWidth == kWidth - 1;
    CHECK((has_shape || at_border));
    whole |= !at_border && height < width;
    clipped |= !has_shape;
  }
  CHECK(swapped);
  CHECK(whole);
  CHECK(clipped);
}

TEST_CASE("mixing: with both, each batch takes one of them, each half of the time") {
  int cut = 0;
  for (std::uint32_t stream = 0; stream < 400; ++stream) {
    const Mixed mixed = mix({1.0F, 1.0F}, stream);
    const std::vector<float> unmixed = pixels_of_batch();
    // Mixup changes every element; cutmix replaces some, and all only in one batch of many.
    cut += mixed.pixels[0] == own(0, 0) || mixed.pixels[0] == before(0, 0) ? 1 : 0;
  }
  CHECK(std::abs(cut - 200) < 50);  // binomial, standard deviation 10
}

TEST_CASE("mixing: the stream determines the batch, and one image alone stays as it is") {
  CHECK(mix({.mixup = 0.5F}, 1).pixels == mix({.mixup = 0.5F}, 1).pixels);
  CHECK(mix({.mixup = 0.5F}, 1).pixels != mix({.mixup = 0.5F}, 2).pixels);
  const std::vector<float> values(kImage, 2.5F);
  for (const MixingConfig& config : {MixingConfig{1.0F, 0.0F}, MixingConfig{0.0F, 1.0F}}) {
    Tensor x = Tensor::from<float>({1, kHeight, kWidth, kChannels}, values);
    Tensor label = Tensor::from<std::int64_t>({1}, {7}), partner = Tensor::empty({1}, DType::i64);
    Random random(3, RandomPurpose::test);
    const Mix drawn = draw_mix(config, {kHeight, kWidth}, random);
    mix_images(drawn, x);
    mix_labels(drawn, label, partner);
    for (const float value : x.to_vector<float>()) CHECK(value == Approx(2.5F).epsilon(1e-6));
    CHECK(partner.to_vector<std::int64_t>() == std::vector<std::int64_t>{7});
  }
}

TEST_CASE("mixing: symmetric_beta has the moments of Beta(alpha, alpha)") {
  for (const double alpha : {0.01, 0.2, 1.0, 3.0}) {
    constexpr int kDraws = 20000;
    Random random(3, RandomPurpose::test, 1);
    double sum = 0, squares = 0, lowest = 1, highest = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double x = symmetric_beta(alpha, random) - 0.5;
      sum += x;
      squares += x * x;
      lowest = std::min(lowest, x + 0.5), highest = std::max(highest, x + 0.5);
    }
    const double variance = 1 / (4 * (2 * alpha + 1));
    INFO(alpha);
    CHECK(std::abs(sum / kDraws) < 5 * std::sqrt(variance / kDraws));
    // The variance of (x - 1/2)^2 is at most that of a square within [0, 1/4].
    CHECK(squares / kDraws == Approx(variance).margin(5 * 0.125 / std::sqrt(kDraws)));
    CHECK((lowest >= 0 && highest <= 1));
  }
}

TEST_CASE("mixing: refuses values out of range") {
  CHECK_THROWS_WITH(check_mixing({.mixup = -1.0F}),
                    Catch::Contains("mixup is -1; it must be between 0 and 8"));
  CHECK_THROWS_WITH(check_mixing({.cutmix = 9.0F}), Catch::Contains("cutmix is 9"));
  CHECK_THROWS_AS(check_mixing({.mixup = std::numeric_limits<float>::quiet_NaN()}), ConfigError);
  CHECK_NOTHROW(check_mixing({}));
}

}  // namespace
}  // namespace tern
