#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/normalise_images.h"

namespace tern::kernels::cuda {
namespace {

struct Part {
  int top, left, height, width;

  __device__ bool has(std::int64_t y, std::int64_t x) const {
    return y >= top && y < top + height && x >= left && x < left + width;
  }
};

struct Images {
  const std::uint8_t* bytes;
  std::int64_t count, height, row;  // values of a row
  int channels;
  const float* table;
  const Part* erased;  // `parts` of each image
  int parts;

  __device__ bool hides(std::int64_t n, std::int64_t y, std::int64_t x) const {
    bool hidden = false;
    for (int k = 0; k < parts; ++k) hidden |= erased[n * parts + k].has(y, x);
    return hidden;
  }

  /// Width values of row y of image n, from `first` on.
  template <int Width>
  __device__ Vector<float, Width> values(std::int64_t n, std::int64_t y, int first) const {
    const auto loaded = load<Width>(bytes + (n * height + y) * row + first);
    Vector<float, Width> result;
    int x = first / channels, c = first % channels;
    for (int k = 0; k < Width; ++k) {
      result.at[k] = hides(n, y, x) ? 0.0F : table[c * 256 + loaded.at[k]];
      if (++c == channels) c = 0, ++x;
    }
    return result;
  }
};

template <int Width, class Element>
void normalise_rows(const Images& images, const PairMix& mix, Element* y) {
  const Part cut{static_cast<int>(mix.top), static_cast<int>(mix.left), static_cast<int>(mix.height),
                 static_cast<int>(mix.width)};
  const float share = mix.share, rest = 1 - mix.share;
  for_each_coordinates(
      {images.count, images.height, images.row / Width},
      [=] __device__(std::int64_t i, const Coordinates<3>& at) {
        const std::int64_t n = at[0];
        const int first = static_cast<int>(at[2]) * Width;
        Vector<float, Width> result = images.values<Width>(n, at[1], first);
        if (share != 1.0F || (at[1] >= cut.top && at[1] < cut.top + cut.height)) {
          const auto before = images.values<Width>(n == 0 ? images.count - 1 : n - 1, at[1], first);
          for (int k = 0; k < Width; ++k) {
            const float mixed = share == 1.0F ? result.at[k] : share * result.at[k] + rest * before.at[k];
            result.at[k] = cut.has(at[1], (first + k) / images.channels) ? before.at[k] : mixed;
          }
        }
        store_rounded(y + i * Width, result);
      });
}

}  // namespace

void normalise_images(const Tensor& images, const Tensor& values, const Tensor& erased, const PairMix& mix,
                      Tensor& y) {
  const Images batch{images.data<std::uint8_t>(),
                     images.dim(0),
                     images.dim(1),
                     images.dim(2) * images.dim(3),
                     static_cast<int>(images.dim(3)),
                     values.data<float>(),
                     erased.defined() ? reinterpret_cast<const Part*>(erased.data<std::int32_t>()) : nullptr,
                     erased.defined() ? static_cast<int>(erased.dim(1)) : 0};
  visit_float_type(y.dtype(), [&](auto element) {
    auto* py = y.data<decltype(element)>();
    visit_width(batch.row, [&](auto width) { normalise_rows<decltype(width)::value>(batch, mix, py); });
  });
}

}  // namespace tern::kernels::cuda
