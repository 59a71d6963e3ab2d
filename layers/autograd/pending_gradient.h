// The gradient of a result that is not computed before somebody asks for it: the backward that reads it may
// make it in a pass of its own instead, so that it is never stored.
#pragma once

#include "tern/core/tensor.h"

namespace tern {

/// Left by a backward with the input that it is of (BackwardContext::leave_pending).
class PendingGradient {
 public:
  virtual ~PendingGradient() = default;
  /// Called once. It lets go of what it needed.
  virtual Tensor compute() = 0;
};

}  // namespace tern
