#include "tern/apps/compare/noise_images.h"

#include "tern/core/random.h"

namespace tern {

Tensor noise_images(std::int64_t count, const Shape& image, std::uint32_t index) {
  Random random(0, RandomPurpose::test, 0, index);
  Tensor images = Tensor::empty({count, image[0], image[1], image[2]});
  for (std::int64_t i = 0; i < images.numel(); ++i) images.data<float>()[i] = random.normal(0, 1);
  return images;
}

}  // namespace tern
