// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011).
//
// Random(seed, purpose, epoch, index) gives the same numbers whenever and on whatever thread it is made. So
// there is no state to save besides the seed and the counters of the caller.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tern {

/// What a stream is for; streams of different purposes never overlap.
enum class RandomPurpose : std::uint32_t {
  weights = 1,
  shuffle = 2,
  augment = 3,
  digits = 4,
  test = 5,
  flip = 6,
  mix = 7,
  split = 8,
};

class Random {
 public:
  /// The stream of (seed, purpose, epoch, index). The caller gives `epoch` and `index` their meaning: the
  /// epoch of training and the index of the sample, or the number of the parameter.
  Random(std::uint64_t seed, RandomPurpose purpose, std::uint32_t epoch = 0, std::uint32_t index = 0);

  /// Uniform over all 32-bit values.
  std::uint32_t bits();
  /// Uniform in [0, 1), a multiple of 2^-24.
  float uniform();
  /// Uniform in [low, high).
  float uniform(float low, float high);
  /// Uniform integer in [0, bound), without modulo bias. bound >= 1.
  std::uint32_t below(std::uint32_t bound);
  /// Puts the values in a random order (Fisher-Yates). At most 2^32 - 1 of them.
  template <class T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t left = values.size(); left > 1; --left) {
      std::swap(values[left - 1], values[below(static_cast<std::uint32_t>(left))]);
    }
  }
  /// Normal distribution (Box-Muller).
  float normal(float mean, float standard_deviation);

 private:
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
};

/// One Philox4x32-10 block, for tests against the published known answers.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

}  // namespace tern
