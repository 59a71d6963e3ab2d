// The window of a pooling operation, and the output extents that follow from it.
#pragma once

#include "tern/core/shape.h"
#include "tern/core/tensor.h"

namespace tern::kernels {

/// A square window, moved by `stride` over an image with `padding` pixels on every side.
struct PoolWindow {
  std::int64_t size;
  std::int64_t stride;
  std::int64_t padding = 0;
};

/// Shape (N, OH, OW, C) of pooling images of shape (N, H, W, C), OH = (H + 2*padding - size) / stride + 1
/// rounded down, as in PyTorch. Throws ShapeError unless size >= 1, stride >= 1, 0 <= padding <= size / 2
/// (so that every window holds a pixel) and the window fits into the padded image; and for a side, size or
/// stride of 2^29 or more.
Shape pooled_shape(const char* op, const Shape& images, const PoolWindow& window);

}  // namespace tern::kernels
