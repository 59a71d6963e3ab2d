#pragma once

#include <cstdint>
#include <vector>

#include "tern/core/tensor.h"

namespace tern {

/// `count` images (count, H, W, C), of shape (H, W, C) each, of normal noise with deviation 1, on the CPU;
/// always the same for the same `index`.
Tensor noise_images(std::int64_t count, const Shape& image, std::uint32_t index);

/// The same on `device` as a Loader gives them there: on a GPU of kernels::activation_dtype().
Tensor noise_batch(std::int64_t count, const Shape& image, std::uint32_t index, Device device);

/// `count` images of 8 bits a value (count, H, W, C) of normal noise around grey; always the same.
std::vector<std::uint8_t> noise_pixels(std::int64_t count, const Shape& image);

}  // namespace tern
