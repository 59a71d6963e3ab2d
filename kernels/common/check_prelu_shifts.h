#pragma once

#include "tern/kernels/common/check.h"
#include "tern/kernels/prelu.h"

namespace tern::kernels {

/// Throws ShapeError unless both shifts are (channels), f32, or neither is there.
inline void check_shifts(const char* op, const PreluShifts& shifts, std::int64_t channels) {
  require<ShapeError>(shifts.before.defined() == shifts.after.defined(),
                      "{}: one of the two shifts is missing", op);
  if (!shifts.before.defined()) return;
  check_per_channel(op, "before", shifts.before, channels);
  check_per_channel(op, "after", shifts.after, channels);
}

}  // namespace tern::kernels
