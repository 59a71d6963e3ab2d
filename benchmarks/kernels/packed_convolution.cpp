#include "tern/benchmarks/kernels/packed_convolution.h"

#include <algorithm>
#include <array>
#include <memory>

#include "tern/core/parallel.h"
#include "tern/kernels/common/batch_norm_formulas.h"
#include "tern/kernels/common/prelu_formulas.h"
#include "tern/kernels/common/ternarise.h"
#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/kernels/cpu/packed/weights.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

using packed::ConvolutionShape;
using Words = std::vector<std::uint64_t>;

constexpr int kNextBorder = 1;

ConvolutionShape shape_of(const ConvolutionProblem& problem) {
  const auto at = [](const Shape& shape, int axis) { return static_cast<int>(shape[axis]); };
  ConvolutionShape s;
  s.height = at(problem.x, 1);
  s.width = at(problem.x, 2);
  s.channels = at(problem.x, 3);
  s.filters = at(problem.t, 0);
  s.kernel_height = at(problem.t, 1);
  s.kernel_width = at(problem.t, 2);
  s.stride_height = s.stride_width = problem.parameters.stride;
  s.padding_height = s.padding_width = s.border = problem.parameters.padding;
  return s;
}

/// The buffer of what the convolution gives, as input of the next one.
ConvolutionShape next_shape(const ConvolutionShape& s) {
  ConvolutionShape next;
  next.height = s.output_height();
  next.width = s.output_width();
  next.channels = s.filters;
  next.border = kNextBorder;
  return next;
}

/// Images of ternary values, one after the other, each in a buffer with a border.
template <class Value>
Words bordered_words(const ConvolutionShape& s, std::int64_t images, const Value& value) {
  Words words(static_cast<std::size_t>(images) * s.input_words(), 0);
  std::int64_t i = 0;
  for (std::int64_t n = 0; n < images; ++n) {
    for (int row = 0; row < s.height; ++row) {
      for (int column = 0; column < s.width; ++column) {
        std::uint64_t* pixel = words.data() + n * static_cast<std::int64_t>(s.input_words()) +
                               (row + s.border) * s.row_words() +
                               std::int64_t{2} * s.pairs() * (column + s.border);
        for (int c = 0; c < s.channels; ++c, ++i) {
          const int v = value(i);
          const std::uint64_t bit = std::uint64_t{1} << c % packed::kWordChannels;
          std::uint64_t* pair = pixel + c / packed::kWordChannels * 2;
          if (v < 0) pair[0] |= bit;
          if (v != 0) pair[1] |= bit;
        }
      }
    }
  }
  return words;
}

Words packed_input(const ConvolutionProblem& problem) {
  const ConvolutionOperands o(problem);
  const auto* x = o.x.data<std::int8_t>();
  return bordered_words(shape_of(problem), problem.x[0], [x](std::int64_t i) { return x[i]; });
}

packed::ArrangedWeights arranged_weights(const ConvolutionProblem& problem) {
  return packed::arrange_weights(packed::kernels(), shape_of(problem),
                                 ConvolutionOperands(problem).t.data<std::int8_t>());
}

template <class WordVector>
double bytes_of(const WordVector& words) {
  return static_cast<double>(words.size() * sizeof(std::uint64_t));
}

/// body(image, first_row, last_row) over the rows of all images, by all threads.
template <class Body>
void for_each_rows(std::int64_t images, int rows, const Body& body) {
  parallel_for(0, images * rows, 1, [&](std::int64_t first, std::int64_t last) {
    while (first < last) {
      const std::int64_t image = first / rows, end = std::min(last, (image + 1) * rows);
      body(image, static_cast<int>(first - image * rows), static_cast<int>(end - image * rows));
      first = end;
    }
  });
}

/// Per-channel constants of two batch norms and a PReLU, gains of both signs among them.
struct Terms {
  explicit Terms(int filters) {
    const auto channels = std::int64_t{(filters + packed::kLanes - 1) / packed::kLanes * packed::kLanes};
    const auto draw = [=](std::uint32_t seed, float low, float high) {
      return test::random_tensor({channels}, seed, low, high).to_vector<float>();
    };
    scale = draw(11, 0.01F, 0.1F), mean = draw(12, -0.5F, 0.5F), gain = draw(13, -1, 1);
    beta = draw(14, -0.5F, 0.5F), slope = draw(15, -0.5F, 0.5F);
    next_mean = draw(16, -0.5F, 0.5F), next_gain = draw(17, -1, 1), next_beta = draw(18, -0.5F, 0.5F);
    thresholds = packed::ThresholdTable(next_mean.data(), next_gain.data(), next_beta.data(), filters);
  }

  packed::Epilogue epilogue() const {
    return {scale.data(), mean.data(), gain.data(), beta.data(), slope.data()};
  }
  float stream(float z, float shortcut, std::size_t c) const {
    const float u = kernels::normalised(kernels::centred(z, scale[c], mean[c]), gain[c], beta[c]) + shortcut;
    return kernels::prelu_value(u, slope[c]);
  }
  int ternary(float y, std::size_t c) const {
    return kernels::ternarise(
        kernels::normalised(kernels::centred(y, 1.0F, next_mean[c]), next_gain[c], next_beta[c]));
  }

  std::vector<float> scale, mean, gain, beta, slope, next_mean, next_gain, next_beta;
  packed::ThresholdTable thresholds;
};

/// What the layer gives, from the separate formulas.
struct FusedResult {
  FusedResult(const ConvolutionProblem& problem, const Terms& terms, const Tensor& shortcut)
      : y(Tensor::empty(problem.output())) {
    const std::vector<double> z = exact_values(problem);
    const auto channels = static_cast<std::size_t>(problem.t[0]);
    auto* py = y.data<float>();
    for (std::size_t i = 0; i < z.size(); ++i) {
      py[i] = terms.stream(static_cast<float>(z[i]), shortcut.data<float>()[i], i % channels);
    }
    next = bordered_words(next_shape(shape_of(problem)), problem.x[0], [&](std::int64_t i) {
      return terms.ternary(py[i], static_cast<std::size_t>(i) % channels);
    });
  }

  Tensor y;
  Words next;
};

}  // namespace

Implementation packed_convolution(const ConvolutionProblem& problem) {
  struct Buffers {
    Words x;
    std::array<packed::ArrangedWeights, kSlots> weights;
    Tensor z;
  };
  const auto b = std::make_shared<Buffers>();
  b->x = packed_input(problem);
  b->weights.fill(arranged_weights(problem));
  b->z = Tensor::empty(problem.output(), DType::i16);
  const ConvolutionShape shape = shape_of(problem);
  const std::int64_t input_size = static_cast<std::int64_t>(shape.input_words()),
                     output_size = problem.output().numel() / problem.x[0];
  const auto run = [=](std::size_t slot) {
    for_each_rows(problem.x[0], shape.output_height(), [&](std::int64_t image, int first, int last) {
      packed::kernels().convolve_i16(shape, b->x.data() + image * input_size, b->weights[slot].data(), first,
                                     last, b->z.data<std::int16_t>() + image * output_size);
    });
  };
  const auto verify = [=] { return test::difference(b->z, exact_values(problem), 0); };
  const double bytes = bytes_of(b->x) + bytes_of(b->weights[0]) + static_cast<double>(b->z.nbytes());
  return {"tern", Peak::ternary, bytes, run, verify, {}, packed::kernels().name};
}

Implementation packed_fused_convolution(const ConvolutionProblem& problem) {
  struct Buffers {
    Words x, next;
    std::array<packed::ArrangedWeights, kSlots> weights;
    Tensor y;  // in place: first the shortcut, then the result
  };
  const ConvolutionShape shape = shape_of(problem), next = next_shape(shape);
  const auto terms = std::make_shared<Terms>(shape.filters);
  const Tensor shortcut = test::random_tensor(problem.output(), 3);
  const auto b = std::make_shared<Buffers>();
  b->x = packed_input(problem);
  b->next.resize(static_cast<std::size_t>(problem.x[0]) * next.input_words());
  b->weights.fill(arranged_weights(problem));
  b->y = shortcut.clone();
  const std::int64_t input_size = static_cast<std::int64_t>(shape.input_words()),
                     next_size = static_cast<std::int64_t>(next.input_words()),
                     output_size = problem.output().numel() / problem.x[0];
  const auto run = [=](std::size_t slot) {
    for_each_rows(problem.x[0], shape.output_height(), [&](std::int64_t image, int first, int last) {
      float* y = b->y.data<float>() + image * output_size;
      const packed::PackedOutput output{terms->thresholds.view(), b->next.data() + image * next_size,
                                        kNextBorder};
      packed::kernels().convolve_fused(shape, b->x.data() + image * input_size, b->weights[slot].data(),
                                       terms->epilogue(), y, first, last, y, output);
    });
  };
  const auto verify = [=]() -> std::string {
    const FusedResult expected(problem, *terms, shortcut);
    const std::string difference = test::bit_difference(b->y, expected.y);
    if (!difference.empty()) return difference;
    return b->next == expected.next ? "" : "the packed activations differ";
  };
  const double bytes =
      bytes_of(b->x) + bytes_of(b->weights[0]) + bytes_of(b->next) + 2 * static_cast<double>(b->y.nbytes());
  return {"tern_fused", Peak::ternary, bytes, run, verify, {}, packed::kernels().name};
}

}  // namespace tern::bench
