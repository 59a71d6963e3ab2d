#include "tern/apps/compare/noise_images.h"

#include "tern/core/random.h"

namespace tern {

Tensor noise_images(std::int64_t count, std::int64_t size, std::uint32_t index) {
  Random random(0, RandomPurpose::test, 0, index);
  Tensor images = Tensor::empty({count, size, size, 3});
  for (std::int64_t i = 0; i < images.numel(); ++i) images.data<float>()[i] = random.normal(0, 1);
  return images;
}

}  // namespace tern
