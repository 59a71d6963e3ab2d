// A decoded image: 8-bit RGB, rows top to bottom, channels last (HWC).
#pragma once

#include <cstdint>
#include <vector>

namespace tern {

struct ImageExtents {
  int height = 0;
  int width = 0;
};

struct Image {
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> pixels;  // height * width * 3
};

}  // namespace tern
