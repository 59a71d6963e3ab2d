#include "tern/models/engine/image_rows.h"

namespace tern::engine {

PixelTable pixel_table(const InputSection& input) {
  PixelTable table(input.mean.size());
  for (std::size_t c = 0; c < table.size(); ++c) {
    const auto mean = static_cast<float>(input.mean[c]), deviation = static_cast<float>(input.std[c]);
    for (std::size_t value = 0; value < 256; ++value) {
      table[c][value] = (static_cast<float>(value) / 255.0F - mean) / deviation;
    }
  }
  return table;
}

}  // namespace tern::engine
