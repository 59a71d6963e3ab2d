#include "tern/models/engine/steps/pools.h"

#include <algorithm>

#include "tern/kernels/cpu/packed/kernels.h"

namespace tern::engine {

void pool_row(const floats::Kernels& kernels, const KeptRows& rows, const Axis& down, const Axis& across,
              int row, int channels, int result_channels, float* y) {
  constexpr int kRowsAtOnce = 8;
  const int top = down.begin(row), bottom = down.end(row);
  for (int column = 0; column < across.outputs(); ++column, y += result_channels) {
    const int left = across.begin(column), right = across.end(column);
    for (int r = top; r < bottom; r += kRowsAtOnce) {
      const float* at_once[kRowsAtOnce];
      const int count = std::min(kRowsAtOnce, bottom - r);
      for (int i = 0; i < count; ++i) {
        at_once[i] = rows.x + (r + i) % rows.kept * rows.row_floats + left * rows.pixel_floats;
      }
      kernels.largest(at_once, count, right - left, rows.pixel_floats, channels, r == top, y);
    }
    std::fill(y + channels, y + result_channels, 0.0F);
  }
}

void MaxPoolStep::run(const Run& run, const Member& member) const {
  const floats::Kernels& kernels = floats::kernels_for(packed::kernels().name);
  const KeptRows x{run.floats(x_), x_.height, x_.row_values(), x_.channels};
  const Member::Range rows = member.share_of(result_.height);
  for (int row = rows.first; row < rows.last; ++row) {
    pool_row(kernels, x, down_, across_, row, x_.channels, result_.channels,
             run.floats(result_) + row * result_.row_values());
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
