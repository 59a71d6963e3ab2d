#include "apps/support/merge_check.h"

#include "apps/support/equal_bits.h"
#include "core/random.h"

namespace tern {
namespace {

Tensor random_images(std::int64_t count, std::int64_t size, std::uint32_t index) {
  Random random(0, RandomPurpose::test, 0, index);
  Tensor images = Tensor::empty({count, size, size, 3});
  for (std::int64_t i = 0; i < images.numel(); ++i) images.data<float>()[i] = random.normal(0, 1);
  return images;
}

}  // namespace

MergeCheck check_merge(Module& pair, Module& merged, const ResNetConfig& config) {
  constexpr std::int64_t kBatchSize = 8;
  constexpr std::uint32_t kBatches = 4;
  const NoGrad no_grad;
  pair.train(false);
  merged.train(false);
  MergeCheck check;
  for (std::uint32_t i = 0; i < kBatches; ++i) {
    const Variable images(random_images(kBatchSize, config.input_size, i));
    const std::vector<float> a = pair.forward(images).value().to_vector<float>();
    const std::vector<float> b = merged.forward(images).value().to_vector<float>();
    check.different += count_different_bits(a, b);
    check.images += kBatchSize;
    check.logits += static_cast<std::int64_t>(a.size());
  }
  return check;
}

}  // namespace tern
