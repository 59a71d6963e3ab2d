#include "tern/models/engine/steps/convolution.h"

#include <algorithm>

#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern::engine {
namespace {

// With fewer pixels, reading weights from the outer cache would take longer than computing.
constexpr int kPixelsOfBand = 64;
// Filters that are done with a band before the next ones: their weights stay in the inner caches.
constexpr int kFiltersAtOnce = 2 * FloatFilters::kGroup;
// Floats; as many as a value may have.
constexpr double kMaxPadded = 1 << 29;

}  // namespace

ConvolutionStep::ConvolutionStep(ModelReader& model, const graph::Node& node, const ActivationMap& x,
                                 const ActivationMap& result, ArenaLayout& layout, int threads)
    : down_(down(node.window, x.height)),
      across_(across(node.window, x.width)),
      x_(x),
      result_(result),
      filters_(model, node, result.channels),
      band_rows_(std::clamp(kPixelsOfBand / result.width, 1, result.height)) {
  if (!is_padded()) return;
  const std::ptrdiff_t rows = (band_rows_ - 1) * std::ptrdiff_t{down_.stride} + down_.size;
  require<DataError>(static_cast<double>(rows) * static_cast<double>(padded_row_floats()) <= kMaxPadded,
                     "{}: {}: {} rows of {} pixels with padding {} are too large for the engine",
                     model.name(), node.name, rows, x.width, across_.padding);
  padded_floats_ = rows * padded_row_floats();
  padded_ = layout.reserve(static_cast<std::size_t>(threads * padded_floats_) * sizeof(float));
}

std::ptrdiff_t ConvolutionStep::padded_row_floats() const {
  return (x_.width + std::ptrdiff_t{2} * across_.padding) * x_.channels;
}

void ConvolutionStep::run(const Run& run, const Member& member) const {
  const Member::Range rows = member.share_of(result_.height);
  for (int row = rows.first; row < rows.last; row += band_rows_) {
    run_band(run, member, {row, std::min(row + band_rows_, rows.last)});
  }
}

// The columns of zeros on both sides are never written to.
void ConvolutionStep::pad(const float* x, const Band& band, float* padded) const {
  const int end = down_.first(band.last - 1) + down_.size;
  for (int row = down_.first(band.first); row < end; ++row, padded += padded_row_floats()) {
    float* to = padded + std::ptrdiff_t{across_.padding} * x_.channels;
    if (row >= 0 && row < x_.height) {
      std::copy_n(x + row * x_.row_values(), x_.row_values(), to);
    } else {
      std::fill_n(to, x_.row_values(), 0.0F);
    }
  }
}

void ConvolutionStep::run_band(const Run& run, const Member& member, const Band& band) const {
  floats::Windows windows{run.floats(x_) + down_.first(band.first) * x_.row_values(), x_.row_values(),
                          std::ptrdiff_t{across_.stride} * x_.channels, down_.size,
                          across_.size * x_.channels};
  if (is_padded()) {
    float* padded = run.arena.at<float>(padded_) + member.index * padded_floats_;
    pad(run.floats(x_), band, padded);
    windows.x = padded;
    windows.row_floats = padded_row_floats();
  }
  const int filters = result_.channels, at_once = result_.width == 1 ? filters : kFiltersAtOnce;
  for (int first = 0; first < filters; first += at_once) {
    floats::Windows of_row = windows;
    for (int row = band.first; row < band.last; ++row, of_row.x += down_.stride * of_row.row_floats) {
      filters_.run(of_row, result_.width, first, std::min(first + at_once, filters),
                   run.floats(result_) + row * result_.row_values(), filters);
    }
  }
}

}  // namespace tern::engine
