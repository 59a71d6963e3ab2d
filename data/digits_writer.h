// Writes the generated digits as an image folder of real JPEG files.
#pragma once

#include <cstdint>
#include <filesystem>

namespace tern {

struct DigitsConfig {
  std::int64_t train_count = 0;
  std::int64_t test_count = 0;
  std::uint64_t seed = 0;
};

/// Writes OUT/train/3/000123.jpg, OUT/test/..., and OUT/DATASET.txt, which says how they were made.
/// Complete or nothing: all is written to OUT.tmp, which is renamed in the end. An earlier data set of
/// generated digits at `out` is replaced; anything else there, but an empty folder, is a DataError, and so
/// is every failure to write. Throws ConfigError if a count is not in [10, 10,000,000]: every class needs an
/// image.
void write_digits(const std::filesystem::path& out, const DigitsConfig& config);

}  // namespace tern
