#include "tern/data/erasing.h"

#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "tern/data/random_rectangle.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

constexpr int kExtent = 9, kChannels = 3;

std::vector<float> ones() {
  return std::vector<float>(kExtent * kExtent * kChannels, 1.0F);
}

void erase_in(std::vector<float>& pixels, const Rectangle& part) {
  erase({pixels.data(), {kExtent, kExtent}, kChannels}, part);
}

bool is_erased(const std::vector<float>& pixels, int y, int x) {
  return pixels[static_cast<std::size_t>((y * kExtent + x) * kChannels)] == 0.0F;
}

/// The rectangle of zeros in `pixels`; empty if nothing is zero. Checks that all of it is, and nothing else.
std::optional<Rectangle> erased(const std::vector<float>& pixels) {
  int top = kExtent, left = kExtent, bottom = -1, right = -1, zeros = 0;
  for (int y = 0; y < kExtent; ++y) {
    for (int x = 0; x < kExtent; ++x) {
      if (!is_erased(pixels, y, x)) continue;
      top = std::min(top, y), bottom = std::max(bottom, y), left = std::min(left, x),
      right = std::max(right, x);
    }
  }
  for (const float value : pixels) zeros += value == 0.0F ? 1 : 0;
  if (bottom < 0) return {};
  const Rectangle r{top, left, bottom - top + 1, right - left + 1};
  CHECK(zeros == r.height * r.width * kChannels);
  return r;
}

Random random_of(std::uint32_t index) {
  return Random(7, RandomPurpose::test, 0, index);
}

TEST_CASE(
    "erasing: cutout clears a square around a pixel, clipped at the border, and each pixel equally often") {
  constexpr int kSide = 4, kImages = 8100;
  std::map<std::pair<int, int>, int> corners;  // bottom right: where the square ends
  for (std::uint32_t i = 0; i < kImages; ++i) {
    std::vector<float> pixels = ones();
    Random random = random_of(i);
    erase_in(pixels, draw_cutout({kExtent, kExtent}, kSide, random));
    const auto r = erased(pixels);
    REQUIRE(r.has_value());
    CHECK((r->height == kSide || r->top == 0 || r->top + r->height == kExtent));
    CHECK((r->width == kSide || r->left == 0 || r->left + r->width == kExtent));
    CHECK((r->height >= 2 && r->height <= kSide));  // the pixel itself is 2 rows below the upper edge
    ++corners[{r->top + r->height, r->left + r->width}];
  }
  // The middle pixel is at 0..8; the square ends 2 behind it, at most at 9, which four rows and columns
  // share.
  for (int y = 2; y <= 9; ++y) {
    for (int x = 2; x <= 9; ++x) {
      const int pixels = (y == 9 ? 2 : 1) * (x == 9 ? 2 : 1);
      const double expected = 100.0 * pixels;
      INFO(y << ", " << x);
      CHECK(std::abs(corners[{y, x}] - expected) < 5 * std::sqrt(expected));
    }
  }
}

TEST_CASE(
    "erasing: random erasing hits with its probability, and shapes and areas stay within their bounds") {
  constexpr int kImages = 4000;
  int hit = 0;
  double smallest = 1, largest = 0;
  for (std::uint32_t i = 0; i < kImages; ++i) {
    std::vector<float> pixels = ones();
    Random random = random_of(i);
    erase_in(pixels, draw_erasing({kExtent, kExtent}, 0.25F, random));
    const auto r = erased(pixels);
    if (!r) continue;
    ++hit;
    const double share = static_cast<double>(r->height) * r->width / (kExtent * kExtent);
    smallest = std::min(smallest, share), largest = std::max(largest, share);
  }
  CHECK(std::abs(hit - kImages / 4) < 5 * 28);  // binomial, standard deviation 27.4
  // 2 to 33 %, and what rounding the sides adds or takes.
  CHECK(smallest < 0.04);
  CHECK(largest > 0.25);
  CHECK(largest < 0.40);
}

TEST_CASE("erasing: probability 0 never and probability 1 always erases") {
  for (std::uint32_t i = 0; i < 200; ++i) {
    std::vector<float> never = ones(), always = ones();
    Random random = random_of(i);
    erase_in(never, draw_erasing({kExtent, kExtent}, 0.0F, random));
    erase_in(always, draw_erasing({kExtent, kExtent}, 1.0F, random));
    CHECK_FALSE(erased(never).has_value());
    CHECK(erased(always).has_value());
  }
}

TEST_CASE("random_rectangle: everywhere within the image, and none where no shape fits") {
  Random random(3, RandomPurpose::test);
  int top_most = 99, bottom_most = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto r = random_rectangle(20, 30, {0.1F, 0.2F}, {0.5F, 2.0F}, random);
    REQUIRE(r.has_value());
    CHECK((r->top >= 0 && r->left >= 0 && r->top + r->height <= 20 && r->left + r->width <= 30));
    const double ratio = static_cast<double>(r->width) / r->height;
    CHECK((ratio > 0.4 && ratio < 2.5));
    top_most = std::min(top_most, r->top);
    bottom_most = std::max(bottom_most, r->top + r->height);
  }
  CHECK(top_most == 0);
  CHECK(bottom_most == 20);
  CHECK_FALSE(random_rectangle(10, 60, {1.0F, 1.0F}, {1.0F, 1.0F}, random).has_value());
}

}  // namespace
}  // namespace tern
