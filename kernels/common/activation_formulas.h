// The scalar formulas of activations whose output alone says where their gradient passes, one text for all
// devices. A formula has
//   value(x)     the activation of a float or bfloat16; a NaN stays
//   passes(y)    whether dx = dy, and not 0, where the output is y
#pragma once

#include <cmath>

#include "tern/core/bfloat16.h"
#include "tern/core/host_device.h"

namespace tern::kernels {

struct Relu {
  template <class Element>
  TERN_HOST_DEVICE static Element value(Element x) {
    return to_float(x) < 0 ? Element{} : x;
  }
  TERN_HOST_DEVICE static bool passes(float y) { return y > 0; }
};

struct Hardtanh {
  template <class Element>
  TERN_HOST_DEVICE static Element value(Element x) {
    const float number = to_float(x);
    return number < -1 ? rounded_to<Element>(-1) : (number > 1 ? rounded_to<Element>(1) : x);
  }
  TERN_HOST_DEVICE static bool passes(float y) { return fabsf(y) < 1; }
};

}  // namespace tern::kernels
