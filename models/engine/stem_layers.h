// The first layers: image, float convolution, batch norm, PReLU, and the max pool of the imagenet stem.
#pragma once

#include <vector>

#include "tern/kernels/cpu/stem/stem_convolution.h"
#include "tern/models/engine/arena.h"
#include "tern/models/engine/image_rows.h"
#include "tern/models/engine/model_reader.h"
#include "tern/models/engine/thread_team.h"

namespace tern::engine {

/// Gives the stream (stream_size, stream_size, channels), whose every row depends on the image alone and not
/// on the rows that are computed with it.
class StemLayers {
 public:
  StemLayers(ModelReader& model, ArenaLayout& layout, int threads);

  int channels() const { return channels_; }
  int stream_size() const { return stream_size_; }

  /// Writes this member's rows of `stream`.
  void run(const ImageRows& image, const Arena& arena, const Member& member, float* stream) const;

 private:
  /// A square window that moves over an image.
  struct Window {
    int size, stride, padding;
    int outputs(int extent) const { return (extent + 2 * padding - size) / stride + 1; }
    int first(int output) const { return output * stride - padding; }
    int begin(int output) const { return first(output) < 0 ? 0 : first(output); }
    int end(int output, int extent) const {
      return first(output) + size < extent ? first(output) + size : extent;
    }
  };

  /// What a thread works in: the last rows of the image and of the convolution, as many as a window sees, and
  /// the largest values of the columns of those.
  struct Scratch {
    float *padded, *prepared, *convolved, *columns;
  };

  void layout_arena(ArenaLayout& layout, int threads);
  Scratch scratch(const Arena& arena, int thread) const;
  std::ptrdiff_t padded_floats() const;
  std::ptrdiff_t convolved_floats() const;
  void prepare_row(const ImageRows& image, int row, const Scratch& scratch) const;
  void convolve_row(const Arena& arena, int row, const Scratch& scratch) const;
  void pool_row(const Scratch& scratch, int row, float* to) const;

  int size_, channels_;
  Window filter_, pool_;  // the cifar stem has no pool: its window is a pixel
  int convolved_size_, stream_size_;
  stem::RowShape shape_;
  const stem::Kernels& kernels_;
  std::vector<float> weights_, mean_, gain_, beta_, slope_;
  // In the arena: a prepared row of zeros, and the scratch of each thread.
  std::size_t zeros_ = 0, padded_ = 0, prepared_ = 0, convolved_ = 0, columns_ = 0;
};

}  // namespace tern::engine
