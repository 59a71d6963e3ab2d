#pragma once

#include "tern/layers/module.h"

namespace tern {

struct MergeCheck {
  std::int64_t images = 0;
  std::int64_t logits = 0;
  std::int64_t different = 0;  // logits that are not equal to the bit
};

/// Runs both networks, which take images of (H, W, C), on `device` in evaluation mode on random images
/// (normal, as normalised images are) and compares every logit bit for bit. Both are moved to `device` and
/// stay there.
MergeCheck check_merge(Module& trained, Module& merged, const Shape& image, Device device = {});

}  // namespace tern
