#include "tern/kernels/sum_of_squares.h"

#include <array>
#include <bit>
#include <numeric>

#include "tern/core/parallel.h"

namespace tern::kernels::cpu {

namespace {

constexpr std::int64_t kMinChunk = 1 << 14;
constexpr std::int64_t kMaxChunks = 64;
// Independent partial sums: additions of one chain would wait for each other and could not be vectorised.
constexpr std::int64_t kLanes = 16;

double sum_range(const float* x, std::int64_t size) {
  std::array<double, kLanes> sums{};
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const double value = x[i + lane];
      sums[lane] += value * value;
    }
  }
  for (; i < size; ++i) sums[0] += static_cast<double>(x[i]) * x[i];
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

double sum(const Tensor& x) {
  const float* px = x.data<float>();
  const Chunks chunks(x.numel(), kMinChunk, kMaxChunks);
  std::array<double, kMaxChunks> partial{};
  parallel_for(0, chunks.count(), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t chunk = first; chunk < last; ++chunk) {
      partial[chunk] = sum_range(px + chunks.begin(chunk), chunks.end(chunk) - chunks.begin(chunk));
    }
  });
  return std::accumulate(partial.begin(), partial.begin() + chunks.count(), 0.0);
}

}  // namespace

void sum_of_squares(const Tensor& x, Tensor& sums, std::int64_t index) {
  sums.data<std::int64_t>()[index] = std::bit_cast<std::int64_t>(sum(x));
}

}  // namespace tern::kernels::cpu
