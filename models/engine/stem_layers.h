// The first layers: image, float convolution, batch norm, PReLU, and the max pool of the imagenet stem.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kernels/cpu/stem/stem_convolution.h"
#include "models/engine/arena.h"
#include "models/engine/model_reader.h"
#include "models/engine/thread_team.h"

namespace tern::engine {

/// How 8-bit pixels become floats, per channel and value: (value / 255 - mean) / std, as data/transforms.h
/// has it.
using PixelTable = std::array<std::array<float, 256>, 3>;
PixelTable pixel_table(const InputSection& input);

/// Gives the stream (stream_size, stream_size, channels), whose every row depends on the image alone and not
/// on the rows that are computed with it.
class StemLayers {
 public:
  StemLayers(ModelReader& model, ArenaLayout& layout, int threads);

  int channels() const { return channels_; }
  int stream_size() const { return stream_size_; }

  /// Copies this member's rows of `image` (size, size, 3) into the arena's padded image.
  void pad(const float* image, const Arena& arena, const Member& member) const;
  /// The same, the 8-bit pixels made floats by `table`.
  void pad(const std::uint8_t* image, const PixelTable& table, const Arena& arena,
           const Member& member) const;
  /// Writes this member's rows of `stream`. All rows of the image must have been padded.
  void run(const Arena& arena, const Member& member, float* stream) const;

 private:
  /// A square window that moves over an image.
  struct Window {
    int size, stride, padding;
    int outputs(int extent) const { return (extent + 2 * padding - size) / stride + 1; }
    int first_row(int output) const { return output * stride - padding; }
  };

  void layout_arena(ArenaLayout& layout, int threads);
  float* padded_row(const Arena& arena, int row) const;
  void pool_row(const float* ring, int row, float* to) const;

  int size_, channels_;
  Window filter_, pool_;  // the cifar stem has no pool: its window is a pixel
  int convolved_size_, stream_size_;
  stem::RowShape shape_;
  stem::Row row_;
  std::vector<float> weights_, mean_, gain_, beta_, slope_;
  // In the arena: the padded image, and per thread the last rows of the convolution, as many as a pool sees.
  std::size_t image_ = 0, rings_ = 0, ring_floats_ = 0;
};

}  // namespace tern::engine
