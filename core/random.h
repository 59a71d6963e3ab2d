// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011).
//
// A stream is named, not advanced: Random(seed, purpose, epoch, index) gives the same numbers whoever asks,
// in whatever order and on whatever thread. State that must survive a restart is therefore just the seed
// and the counters one already has.
#pragma once

#include <array>
#include <cstdint>

namespace tern {

/// What a stream is for; streams of different purposes never overlap.
enum class RandomPurpose : std::uint32_t { weights = 1, shuffle = 2, augment = 3, digits = 4, test = 5 };

class Random {
 public:
  /// The stream of (seed, purpose, epoch, index). `epoch` and `index` are free names of the caller:
  /// epoch of training and index of the sample, say, or number of the parameter.
  Random(std::uint64_t seed, RandomPurpose purpose, std::uint32_t epoch = 0, std::uint32_t index = 0);

  /// Uniform over all 32-bit values.
  std::uint32_t bits();
  /// Uniform in [0, 1), a multiple of 2^-24.
  float uniform();
  /// Uniform in [low, high).
  float uniform(float low, float high);
  /// Uniform integer in [0, bound), without modulo bias. bound >= 1.
  std::uint32_t below(std::uint32_t bound);
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
