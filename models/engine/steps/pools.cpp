#include "tern/models/engine/steps/pools.h"

#include <algorithm>

#include "tern/kernels/cpu/floats/kernels.h"
#include "tern/kernels/cpu/packed/kernels.h"

namespace tern::engine {

void MaxPoolStep::run(const Run& run, const Member& member) const {
  const Member::Range rows = member.share_of(result_.height);
  for (int row = rows.first; row < rows.last; ++row) {
    pool_row(run.floats(x_), row, run.floats(result_) + row * result_.row_values());
  }
}

void MaxPoolStep::pool_row(const float* x, int row, float* y) const {
  constexpr int kRowsAtOnce = 8;
  const floats::Kernels& kernels = floats::kernels_for(packed::kernels().name);
  const int top = down_.begin(row), bottom = down_.end(row);
  for (int column = 0; column < result_.width; ++column, y += result_.channels) {
    const int left = across_.begin(column), right = across_.end(column);
    for (int h = top; h < bottom; h += kRowsAtOnce) {
      const float* rows[kRowsAtOnce];
      const int count = std::min(kRowsAtOnce, bottom - h);
      for (int i = 0; i < count; ++i) {
        rows[i] = x + (h + i) * x_.row_values() + std::ptrdiff_t{left} * x_.channels;
      }
      kernels.largest(rows, count, right - left, x_.channels, x_.channels, h == top, y);
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
