#include "tern/models/engine/steps/window_means.h"

#include <algorithm>
#include <cstddef>

namespace tern::engine {
namespace {

using Taps = WindowMeans::Taps;

/// Which taps the windows of an axis have in the image.
struct Kinds {
  std::vector<Taps> taps;
  std::vector<int> of_output;

  explicit Kinds(const Axis& axis) {
    for (int output = 0; output < axis.outputs(); ++output) {
      const int first = axis.first(output);
      const Taps seen{axis.begin(output) - first, std::max(axis.begin(output), axis.end(output)) - first};
      const auto found = std::find(taps.begin(), taps.end(), seen);
      of_output.push_back(static_cast<int>(found - taps.begin()));
      if (found == taps.end()) taps.push_back(seen);
    }
  }
};

}  // namespace

WindowMeans::WindowMeans(const Axis& down, const Axis& across, int width, const MeanOf& mean_of)
    : kinds_(Kinds(down).of_output) {
  const Kinds columns(across);
  for (const Taps rows : Kinds(down).taps) {
    const std::size_t first = means_.size();
    for (const Taps taps : columns.taps) means_.push_back(mean_of(rows, taps));
    std::vector<const float*>& pixels = pixels_.emplace_back();
    for (const int kind : columns.of_output) {
      pixels.push_back(means_[first + static_cast<std::size_t>(kind)].data());
    }
    pixels.resize(static_cast<std::size_t>(width), pixels.back());
  }
}

}  // namespace tern::engine
