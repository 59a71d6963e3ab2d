#include "tern/benchmarks/kernels/convolution_problem.h"

#include <fmt/format.h>

#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::int32_t dot(const std::int8_t* a, const std::int8_t* b, std::int64_t count) {
  std::int32_t sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

/// The output of filter `o` at (n, row, column).
std::int32_t window_sum(const Tensor& x, const Tensor& t, const kernels::Conv2dParameters& p, std::int64_t n,
                        std::int64_t row, std::int64_t column, std::int64_t o) {
  const std::int64_t height = x.dim(1), width = x.dim(2), channels = x.dim(3);
  const auto *px = x.data<std::int8_t>(), *pt = t.data<std::int8_t>();
  std::int32_t sum = 0;
  for (std::int64_t kh = 0; kh < t.dim(1); ++kh) {
    for (std::int64_t kw = 0; kw < t.dim(2); ++kw) {
      const std::int64_t h = row * p.stride + kh - p.padding, w = column * p.stride + kw - p.padding;
      if (h < 0 || h >= height || w < 0 || w >= width) continue;
      sum += dot(px + ((n * height + h) * width + w) * channels,
                 pt + ((o * t.dim(1) + kh) * t.dim(2) + kw) * channels, channels);
    }
  }
  return sum;
}

}  // namespace

Shape ConvolutionProblem::output() const {
  return kernels::conv2d_output_shape("tern-bench", x, t, parameters);
}

double ConvolutionProblem::macs() const {
  return static_cast<double>(output().numel()) * static_cast<double>(t.numel() / t[0]);
}

std::string ConvolutionProblem::name() const {
  return fmt::format("{}x{}x{}-{}x{}x{}s{}", x[1], x[2], x[3], t[0], t[1], t[2], parameters.stride);
}

std::vector<ConvolutionProblem> resnet18_layers(Scale scale, std::int64_t batch) {
  if (scale == Scale::small) {
    return {{{batch, 6, 5, 20}, {24, 3, 3, 20}, {1, 1}}, {{batch, 6, 6, 8}, {16, 3, 3, 8}, {2, 1}}};
  }
  std::vector<ConvolutionProblem> layers;
  for (std::int64_t side = 56, channels = 64; channels <= 512; side /= 2, channels *= 2) {
    const Shape x{batch, side, side, channels};
    layers.push_back({x, {channels, 3, 3, channels}, {1, 1}});
    if (channels < 512) layers.push_back({x, {2 * channels, 3, 3, channels}, {2, 1}});
  }
  return layers;
}

std::vector<ConvolutionProblem> small_layers(Scale scale, std::int64_t batch) {
  if (scale == Scale::small) return {{{batch, 5, 5, 16}, {16, 3, 3, 16}, {1, 1}}};
  const auto layer = [batch](std::int64_t side, std::int64_t channels) {
    return ConvolutionProblem{{batch, side, side, channels}, {channels, 3, 3, channels}, {1, 1}};
  };
  return {layer(32, 16), layer(16, 32), layer(8, 64), layer(32, 32), layer(32, 48), layer(16, 96)};
}

ConvolutionOperands::ConvolutionOperands(const ConvolutionProblem& problem)
    : x(test::random_ternary(problem.x, 1)), t(test::random_ternary(problem.t, 2)) {}

Tensor exact_convolution(const Tensor& x, const Tensor& t, const kernels::Conv2dParameters& parameters) {
  const Shape shape = kernels::conv2d_output_shape("tern-bench", x.shape(), t.shape(), parameters);
  Tensor z = Tensor::empty(shape, DType::i32);
  auto* out = z.data<std::int32_t>();
  for (std::int64_t i = 0; i < shape.numel(); ++i) {
    const std::int64_t pixel = i / shape[3], line = pixel / shape[2];
    out[i] = window_sum(x, t, parameters, line / shape[1], line % shape[1], pixel % shape[2], i % shape[3]);
  }
  return z;
}

std::vector<double> exact_values(const ConvolutionProblem& problem) {
  const ConvolutionOperands o(problem);
  return test::as_doubles(exact_convolution(o.x, o.t, problem.parameters));
}

}  // namespace tern::bench
