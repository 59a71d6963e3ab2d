// Random problems for the packed kernels, on plain arrays, so that they are also built for other CPUs.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tern/kernels/cpu/packed/convolution_shape.h"

namespace tern::test {

using Generator = std::mt19937;

/// In [low, high], the same in every standard library.
inline int between(Generator& random, int low, int high) {
  return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
}

/// Elements with a margin on both sides, whose contents betray who reads it and show who wrote to it.
template <class T>
class Guarded {
 public:
  Guarded(std::size_t size, T value, T guard) : guard_(guard), elements_(size + 2 * kMargin, guard) {
    for (std::size_t i = 0; i < size; ++i) data()[i] = value;
  }
  T* data() { return elements_.data() + kMargin; }
  const T* data() const { return elements_.data() + kMargin; }
  std::vector<T> values() const { return {data(), data() + elements_.size() - 2 * kMargin}; }
  bool intact() const {
    for (std::size_t i = 0; i < kMargin; ++i) {
      if (elements_[i] != guard_ || elements_[elements_.size() - 1 - i] != guard_) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t kMargin = 64;

  T guard_;
  std::vector<T> elements_;
};

struct RandomConvolution {
  /// With two planes, weights are in [-3, 3].
  explicit RandomConvolution(std::uint32_t seed, int planes = 1);
  /// Of a shape with ternary weights.
  RandomConvolution(const packed::ConvolutionShape& sizes, std::uint32_t seed);

  packed::ConvolutionShape shape;
  std::vector<std::int8_t> x, weights;
  std::string text() const;

 private:
  void draw_values(Generator& random);
};

std::vector<std::int8_t> random_ternary_values(Generator& random, std::size_t count);

/// Values (height, width, channels) as words in a buffer with a border. The margins hold bits that change a
/// sum.
Guarded<std::uint64_t> pack_with_border(const std::vector<std::int8_t>& values, int height, int width,
                                        int channels, int border);

}  // namespace tern::test
