// The order of classes by their logits, shared by all devices.
#pragma once

#include <cstdint>

#include "tern/core/host_device.h"

namespace tern::kernels {

/// Whether class `j` comes before `label`, given the logits of a sample: its logit is larger, or as large and
/// the class lower. The negated comparisons let a NaN come before the label, and everything before a NaN
/// label.
TERN_HOST_DEVICE inline bool comes_before_label(const float* logits, std::int64_t j, std::int64_t label) {
  if (j == label) return false;
  return j < label ? !(logits[j] < logits[label]) : !(logits[j] <= logits[label]);
}

}  // namespace tern::kernels
