#pragma once

#include <cstdint>

#include "tern/core/tensor.h"

namespace tern {

/// `count` images (count, H, W, C), of shape (H, W, C) each, of normal noise with deviation 1, on the CPU;
/// always the same for the same `index`.
Tensor noise_images(std::int64_t count, const Shape& image, std::uint32_t index);

}  // namespace tern
