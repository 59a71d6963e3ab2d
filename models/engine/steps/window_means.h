// The mean that the stem's batch norm subtracts, by how much of a window lies in the image.
#pragma once

#include <functional>
#include <vector>

#include "tern/models/engine/axis.h"

namespace tern::engine {

class WindowMeans {
 public:
  /// Rows, or columns, of a filter.
  struct Taps {
    int begin, end;
    bool operator==(const Taps&) const = default;
  };
  /// Of windows of which these rows and columns lie in the image: a value for each output channel.
  using MeanOf = std::function<std::vector<float>(Taps rows, Taps columns)>;

  /// `width`: pixels of a row that are computed, perhaps some beyond the last output.
  WindowMeans(const Axis& down, const Axis& across, int width, const MeanOf& mean_of);
  WindowMeans(WindowMeans&&) = default;
  WindowMeans& operator=(WindowMeans&&) = delete;

  /// Of each pixel of a row of the output.
  const float* const* of_row(int row) const {
    return pixels_[static_cast<std::size_t>(kinds_[static_cast<std::size_t>(row)])].data();
  }

 private:
  std::vector<std::vector<float>> means_;
  std::vector<std::vector<const float*>> pixels_;  // by the kind of the row
  std::vector<int> kinds_;                         // of the rows
};

}  // namespace tern::engine
