#include "tern/data/mixing.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "tern/core/error.h"
#include "tern/data/random_rectangle.h"

namespace tern {
namespace {

void check_alpha(const char* name, float alpha) {
  require<ConfigError>(alpha >= 0.0F && alpha <= 8.0F, "mixing: {} is {}; it must be between 0 and 8", name,
                       alpha);
}

/// Calls mix(image, partner) for every image (H, W, C) and the one before it, neither of them mixed yet but
/// for the image itself.
template <class Mix>
void mix_pairs(Tensor& images, const Mix& mix) {
  const std::int64_t count = images.dim(0), size = images.numel() / count;
  float* first = images.data<float>();
  const std::vector<float> last(first + (count - 1) * size, first + count * size);
  for (std::int64_t n = count - 1; n > 0; --n) mix(first + n * size, first + (n - 1) * size);
  mix(first, last.data());
}

void mixup(Tensor& images, float share) {
  const std::int64_t size = images.numel() / images.dim(0);
  mix_pairs(images, [=](float* image, const float* partner) {
    for (std::int64_t i = 0; i < size; ++i) image[i] = share * image[i] + (1 - share) * partner[i];
  });
}

void cutmix(Tensor& images, const Rectangle& r) {
  const std::int64_t row = images.dim(2) * images.dim(3), channels = images.dim(3);
  mix_pairs(images, [=](float* image, const float* partner) {
    for (int y = r.top; y < r.top + r.height; ++y) {
      const std::int64_t begin = y * row + r.left * channels;
      std::copy_n(partner + begin, r.width * channels, image + begin);
    }
  });
}

}  // namespace

void check_mixing(const MixingConfig& config) {
  check_alpha("mixup", config.mixup);
  check_alpha("cutmix", config.cutmix);
}

Mix draw_mix(const MixingConfig& config, ImageExtents image, Random& random) {
  const bool both = config.mixup > 0.0F && config.cutmix > 0.0F;
  const bool cuts = both ? random.below(2) == 1 : config.cutmix > 0.0F;
  if (!cuts) return {false, static_cast<float>(symmetric_beta(config.mixup, random)), {}};
  const auto [height, width] = image;
  const double side = std::sqrt(1 - symmetric_beta(config.cutmix, random));  // as a share of the image's
  const Rectangle part = rectangle_around_pixel(
      image, {static_cast<int>(height * side), static_cast<int>(width * side)}, random);
  return {true, 1.0F - static_cast<float>(part.height * part.width) / static_cast<float>(height * width),
          part};
}

void mix_images(const Mix& mix, Tensor& images) {
  mix.cuts ? cutmix(images, mix.part) : mixup(images, mix.share);
}

float mix_labels(const Mix& mix, Tensor& labels, Tensor& partner_labels) {
  const std::int64_t count = labels.numel();
  const std::int64_t* label = labels.data<std::int64_t>();
  std::int64_t* partner = partner_labels.data<std::int64_t>();
  for (std::int64_t n = 0; n < count; ++n) partner[n] = label[n > 0 ? n - 1 : count - 1];
  if (mix.share >= 0.5F) return mix.share;
  std::swap(labels, partner_labels);
  return 1.0F - mix.share;
}

double symmetric_beta(double alpha, Random& random) {
  // Jöhnk, "Erzeugung von betaverteilten und gammaverteilten Zufallszahlen", 1964, in logarithms, which do
  // not underflow for a small alpha.
  while (true) {
    const double x = std::log(1.0 - random.uniform()) / alpha, y = std::log(1.0 - random.uniform()) / alpha;
    const double larger = std::max(x, y);
    const double sum = larger + std::log(std::exp(x - larger) + std::exp(y - larger));
    if (sum <= 0) return std::exp(x - sum);
  }
}

}  // namespace tern
