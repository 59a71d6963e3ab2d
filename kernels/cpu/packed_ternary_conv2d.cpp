// The packed convolution by the kernels of kernels/cpu/packed: an image after the other is copied into a
// buffer with a border of zeros, which is a fraction of the convolution's own work.
#include "tern/kernels/packed_ternary_conv2d.h"

#include <algorithm>
#include <vector>

#include "tern/core/parallel.h"
#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/kernels/cpu/packed/weights.h"
#include "tern/kernels/pack_ternary.h"

namespace tern::kernels::cpu {
namespace {

using packed::ConvolutionShape;

ConvolutionShape shape_of(const Shape& x, const Shape& t, const Conv2dParameters& parameters) {
  ConvolutionShape shape;
  shape.height = static_cast<int>(x[1]);
  shape.width = static_cast<int>(x[2]);
  shape.channels = static_cast<int>(x[3]);
  shape.filters = static_cast<int>(t[0]);
  shape.kernel_height = static_cast<int>(t[1]);
  shape.kernel_width = static_cast<int>(t[2]);
  shape.stride_height = shape.stride_width = parameters.stride;
  shape.padding_height = shape.padding_width = shape.border = parameters.padding;
  return shape;
}

/// The words of an image within their border, which is zero already.
void copy_image(const ConvolutionShape& shape, const std::uint64_t* image, std::uint64_t* to) {
  const std::ptrdiff_t pixel = std::ptrdiff_t{2} * shape.pairs(), row = shape.width * pixel;
  to += shape.border * (shape.row_words() + pixel);
  for (int h = 0; h < shape.height; ++h, image += row, to += shape.row_words()) std::copy_n(image, row, to);
}

/// Output rows [first, last) of the whole batch.
template <class Z, class ConvolveRows>
void convolve_lines(const ConvolutionShape& shape, const ConvolveRows& convolve_rows, const std::uint64_t* x,
                    const std::uint64_t* weights, std::int64_t first, std::int64_t last, Z* z) {
  const std::int64_t height = shape.output_height(),
                     image_sums = height * shape.output_width() * shape.filters;
  const std::int64_t image_words = std::int64_t{2} * shape.height * shape.width * shape.pairs();
  std::vector<std::uint64_t> bordered(shape.border > 0 ? shape.input_words() : 0);
  while (first < last) {
    const std::int64_t n = first / height, begin = first % height,
                       end = std::min(height, begin + last - first);
    const std::uint64_t* image = x + n * image_words;
    if (shape.border > 0) {
      copy_image(shape, image, bordered.data());
      image = bordered.data();
    }
    convolve_rows(shape, image, weights, static_cast<int>(begin), static_cast<int>(end), z + n * image_sums);
    first += end - begin;
  }
}

/// t: the ternary filters of all planes.
void convolve(const ConvolutionShape& shape, const PackedTernary& x, const PackedTernary& t, Tensor& z) {
  const packed::Kernels& table = packed::kernels();
  const packed::ArrangedWeights weights = packed::arrange_weights(table, shape, t.words());
  const auto run = [&](const auto& convolve_rows, auto* sums) {
    parallel_for(0, z.dim(0) * z.dim(1), 1, [&](std::int64_t first, std::int64_t last) {
      convolve_lines(shape, convolve_rows, x.words(), weights.data(), first, last, sums);
    });
  };
  if (z.dtype() == DType::i16) {
    run(table.convolve_i16, z.data<std::int16_t>());
  } else {
    run(table.convolve_i32, z.data<std::int32_t>());
  }
}

}  // namespace

void packed_ternary_conv2d(const PackedTernary& x, const PackedTernary& t, const Conv2dParameters& parameters,
                           Tensor& z) {
  convolve(shape_of(x.shape(), t.shape(), parameters), x, t, z);
}

void packed_two_plane_conv2d(const PackedTernary& x, const Tensor& t, const Conv2dParameters& parameters,
                             Tensor& z) {
  ConvolutionShape shape = shape_of(x.shape(), t.shape(), parameters);
  shape.planes = 2;
  Tensor planes = Tensor::empty({shape.plane_filters(), t.dim(1), t.dim(2), t.dim(3)}, DType::i8);
  packed::split_planes(shape, t.data<std::int8_t>(), planes.data<std::int8_t>());
  convolve(shape, x, kernels::pack_ternary(planes), z);
}

}  // namespace tern::kernels::cpu
