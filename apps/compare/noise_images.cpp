#include "tern/apps/compare/noise_images.h"

#include <algorithm>

#include "tern/core/random.h"
#include "tern/kernels/cast.h"
#include "tern/kernels/precision.h"

namespace tern {

Tensor noise_images(std::int64_t count, const Shape& image, std::uint32_t index) {
  Random random(0, RandomPurpose::test, 0, index);
  Tensor images = Tensor::empty({count, image[0], image[1], image[2]});
  for (std::int64_t i = 0; i < images.numel(); ++i) images.data<float>()[i] = random.normal(0, 1);
  return images;
}

Tensor noise_batch(std::int64_t count, const Shape& image, std::uint32_t index, Device device) {
  const Tensor images = noise_images(count, image, index).to(device);
  return device.type == DeviceType::cpu ? images : kernels::cast(images, kernels::activation_dtype());
}

std::vector<std::uint8_t> noise_pixels(std::int64_t count, const Shape& image) {
  constexpr float kGrey = 128, kDeviation = 64;
  const Tensor noise = noise_images(count, image, 0);
  std::vector<std::uint8_t> pixels;
  for (const float value : noise.to_vector<float>()) {
    pixels.push_back(static_cast<std::uint8_t>(std::clamp(kGrey + kDeviation * value, 0.0F, 255.0F)));
  }
  return pixels;
}

}  // namespace tern
