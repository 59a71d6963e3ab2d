// From Tern's layout (channels last) to that of ONNX (channels first).
#pragma once

#include <cstdint>
#include <vector>

#include "tern/core/shape.h"
#include "tern/models/onnx/model_writer.h"

namespace tern::onnx {

/// (O, KH, KW, I) to (O, I, KH, KW).
inline Extents channels_first(const Shape& ohwi) {
  return {ohwi[0], ohwi[3], ohwi[1], ohwi[2]};
}

/// The elements of a tensor of shape `ohwi`, in the order (O, I, KH, KW).
template <class T>
std::vector<T> channels_first(const Shape& ohwi, const std::vector<T>& values) {
  const std::int64_t pixels = ohwi[1] * ohwi[2], channels = ohwi[3];
  std::vector<T> result;
  result.reserve(values.size());
  for (std::int64_t filter = 0; filter < ohwi[0]; ++filter) {
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
        result.push_back(values[static_cast<std::size_t>((filter * pixels + pixel) * channels + channel)]);
      }
    }
  }
  return result;
}

/// The shape of one image's value: (H, W, C) to (C, H, W); (C) stays.
inline Extents channels_first_image(const Shape& value) {
  return value.rank() == 3 ? Extents{value[2], value[0], value[1]} : Extents{value[0]};
}

}  // namespace tern::onnx
