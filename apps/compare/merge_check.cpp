#include "tern/apps/compare/merge_check.h"

#include "tern/apps/compare/equal_bits.h"
#include "tern/apps/compare/noise_images.h"

namespace tern {

MergeCheck check_merge(Module& trained, Module& merged, const Shape& image, Device device) {
  constexpr std::int64_t kBatchSize = 8;
  constexpr std::uint32_t kBatches = 4;
  const NoGrad no_grad;
  for (Module* network : {&trained, &merged}) {
    network->train(false);
    network->to(device);
  }
  MergeCheck check;
  for (std::uint32_t i = 0; i < kBatches; ++i) {
    const Variable images(noise_images(kBatchSize, image, i).to(device));
    const std::vector<float> a = trained.forward(images).value().to_vector<float>();
    const std::vector<float> b = merged.forward(images).value().to_vector<float>();
    check.different += count_bitwise_unequal(a, b);
    check.images += kBatchSize;
    check.logits += static_cast<std::int64_t>(a.size());
  }
  return check;
}

}  // namespace tern
