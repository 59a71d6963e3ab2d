#pragma once

#include "tern/models/merge.h"
#include "tern/models/stem_arithmetic.h"

namespace tern {

/// What a stem in integers (stem_arithmetic.h) changes.
struct StemCheck {
  std::int64_t images = 0, logits = 0;
  std::int64_t different = 0;          // logits that are not equal to the bit
  std::int64_t different_classes = 0;  // images
  float largest_difference = 0, largest_logit = 0;
};

/// Runs the engine with the model of the file `path`, and with the same `network` and the stem in floats, on
/// random images of 8 bits. `metadata`: the file's.
StemCheck check_stem(const std::string& path, const MergedNetwork& network, Metadata metadata);

}  // namespace tern
