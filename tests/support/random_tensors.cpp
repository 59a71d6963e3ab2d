#include "tests/support/random_tensors.h"

#include "tern/core/random.h"

namespace tern::test {

Tensor random_tensor(const Shape& shape, std::uint32_t seed, float low, float high) {
  Random random(seed, RandomPurpose::test);
  Tensor tensor = Tensor::empty(shape);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) tensor.data<float>()[i] = random.uniform(low, high);
  return tensor;
}

Tensor random_ternary(const Shape& shape, std::uint32_t seed) {
  Random random(seed, RandomPurpose::test);
  Tensor tensor = Tensor::empty(shape, DType::i8);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    tensor.data<std::int8_t>()[i] = static_cast<std::int8_t>(static_cast<int>(random.below(3)) - 1);
  }
  return tensor;
}

Tensor random_levels(const Shape& shape, std::uint32_t seed) {
  Random random(seed, RandomPurpose::test);
  Tensor tensor = Tensor::empty(shape, DType::i8);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    tensor.data<std::int8_t>()[i] = static_cast<std::int8_t>(2 * static_cast<int>(random.below(4)) - 3);
  }
  return tensor;
}

Tensor random_integers(const Shape& shape, std::uint32_t seed, std::int16_t bound) {
  Random random(seed, RandomPurpose::test);
  Tensor tensor = Tensor::empty(shape, DType::i16);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    tensor.data<std::int16_t>()[i] = static_cast<std::int16_t>(
        static_cast<int>(random.below(2U * static_cast<unsigned>(bound) + 1)) - bound);
  }
  return tensor;
}

}  // namespace tern::test
