#include "tern/models/engine/steps/pools.h"

#include <algorithm>

#include "tern/models/engine/larger.h"

namespace tern::engine {

void MaxPoolStep::run(const Run& run, const Member& member) const {
  const Member::Range rows = member.share_of(result_.height);
  for (int row = rows.first; row < rows.last; ++row) {
    pool_row(run.floats(x_), row, run.floats(result_) + row * result_.row_values());
  }
}

void MaxPoolStep::pool_row(const float* x, int row, float* y) const {
  for (int column = 0; column < result_.width; ++column, y += result_.channels) {
    bool first = true;
    for (int h = down_.begin(row); h < down_.end(row); ++h) {
      for (int w = across_.begin(column); w < across_.end(column); ++w, first = false) {
        const float* pixel = x + h * x_.row_values() + std::ptrdiff_t{w} * x_.channels;
        first ? static_cast<void>(std::copy_n(pixel, x_.channels, y)) : take_larger(pixel, x_.channels, y);
      }
    }
    std::fill(y + x_.channels, y + result_.channels, 0.0F);
  }
}

void AveragePoolStep::run(const Run& run, const Member& member) const {
  const Member::Range rows = member.share_of(result_.height);
  for (int row = rows.first; row < rows.last; ++row) {
    float* y = run.floats(result_) + row * result_.row_values();
    for (int column = 0; column < result_.width; ++column, y += result_.channels) {
      pool_pixel(run.floats(x_), row, column, y);
    }
  }
}

void AveragePoolStep::pool_pixel(const float* x, int row, int column, float* __restrict sum) const {
  std::fill_n(sum, result_.channels, 0.0F);
  for (int h = down_.begin(row); h < down_.end(row); ++h) {
    for (int w = across_.begin(column); w < across_.end(column); ++w) {
      const float* __restrict pixel = x + h * x_.row_values() + std::ptrdiff_t{w} * x_.channels;
      for (int c = 0; c < result_.channels; ++c) sum[c] += pixel[c];
    }
  }
  const float area = static_cast<float>(std::int64_t{down_.size} * across_.size);
  for (int c = 0; c < result_.channels; ++c) sum[c] /= area;
}

void GlobalAverageStep::run(const Run& run, const Member& member) const {
  const Member::Range channels = member.share_of(x_.channels);
  const float* x = run.floats(x_);
  float* __restrict mean = run.floats(result_);
  const int pixels = x_.height * x_.width;
  std::fill(mean + channels.first, mean + channels.last, 0.0F);
  for (int pixel = 0; pixel < pixels; ++pixel, x += x_.channels) {
    for (int c = channels.first; c < channels.last; ++c) mean[c] += x[c];
  }
  for (int c = channels.first; c < channels.last; ++c) mean[c] /= static_cast<float>(pixels);
}

}  // namespace tern::engine
