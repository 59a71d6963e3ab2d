// The convolution of the stem, row by row, in numbers of one type.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "tern/kernels/cpu/floats/kernels.h"
#include "tern/models/engine/arena.h"
#include "tern/models/engine/axis.h"
#include "tern/models/engine/steps/window_means.h"

namespace tern::engine {

/// Each thread keeps the last rows of the image, as many as a filter sees, in the form that the kernels read.
template <class Value>
class StemFilter {
 public:
  static constexpr int kMaxKernel = 7;

  /// What is computed: weights as the kernels read them; of the batch norm and the PReLU behind it whole
  /// groups of channels.
  struct Terms {
    std::vector<Value> weights;
    WindowMeans means;
    std::vector<float> gain, beta, slope;
  };

  StemFilter(const floats::StemKernels<Value>& kernels, const floats::RowShape& shape, const Axis& down,
             const Axis& across, Terms terms, ArenaLayout& layout, int threads)
      : kernels_(kernels), shape_(shape), down_(down), padding_(across.padding), terms_(std::move(terms)) {
    zeros_ = reserve(layout, shape_.prepared_values());
    padded_ = reserve(layout, threads * padded_values());
    prepared_ = reserve(layout, threads * down_.size * prepared_values());
  }

  /// Where prepare() finds a row (width, channels) of the image.
  Value* pixels(const Arena& arena, int thread) const {
    return padded(arena, thread) +
           std::ptrdiff_t{padding_} * floats::kImageChannels;  // the zeros around stay
  }

  void prepare(const Arena& arena, int thread, int row) const {
    kernels_.prepare(shape_, padded(arena, thread), prepared(arena, thread, row));
  }

  /// Computes a row of the output, whose rows of the image have been prepared.
  void convolve(const Arena& arena, int thread, int row, float* to) const {
    const Value* rows[kMaxKernel];
    for (int k = 0; k < down_.size; ++k) {
      const int at = down_.first(row) + k;
      rows[k] = at < 0 || at >= down_.extent ? arena.at<Value>(zeros_) : prepared(arena, thread, at);
    }
    kernels_.row(shape_, rows, terms_.weights.data(),
                 {terms_.means.of_row(row), terms_.gain.data(), terms_.beta.data(), terms_.slope.data()}, to);
  }

 private:
  static std::size_t reserve(ArenaLayout& layout, std::ptrdiff_t count) {
    return layout.reserve(static_cast<std::size_t>(count) * sizeof(Value));
  }
  std::ptrdiff_t padded_values() const {
    return std::ptrdiff_t{shape_.input_width()} * floats::kImageChannels +
           floats::StemKernels<Value>::kReadBeyond;
  }
  std::ptrdiff_t prepared_values() const { return shape_.prepared_values(); }
  Value* padded(const Arena& arena, int thread) const {
    return arena.at<Value>(padded_) + thread * padded_values();
  }
  Value* prepared(const Arena& arena, int thread, int row) const {
    return arena.at<Value>(prepared_) +
           (std::ptrdiff_t{thread} * down_.size + row % down_.size) * prepared_values();
  }

  const floats::StemKernels<Value>& kernels_;
  floats::RowShape shape_;
  Axis down_;
  int padding_;  // to the left of the image
  Terms terms_;
  std::size_t zeros_ = 0, padded_ = 0, prepared_ = 0;  // in the arena
};

}  // namespace tern::engine
