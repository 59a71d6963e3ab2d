#include "tern/layers/optim/newton_schulz.h"

#include <cmath>
#include <functional>

#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/precision.h"
#include "tests/support/random_tensors.h"
#include "tests/support/thread_count.h"

using namespace tern;

namespace {

/// A matrix in double precision.
struct Matrix {
  std::int64_t rows, columns;
  std::vector<double> values = std::vector<double>(static_cast<std::size_t>(rows * columns));

  double& at(std::int64_t i, std::int64_t j) { return values[static_cast<std::size_t>(i * columns + j)]; }
  double at(std::int64_t i, std::int64_t j) const {
    return values[static_cast<std::size_t>(i * columns + j)];
  }
  double norm() const {
    double sum = 0;
    for (const double v : values) sum += v * v;
    return std::sqrt(sum);
  }
};

Matrix matrix_of(const Tensor& x) {
  return {x.dim(0), x.dim(1), test::as_doubles(x)};
}

Matrix generated(std::int64_t rows, std::int64_t columns,
                 const std::function<double(std::int64_t, std::int64_t)>& f) {
  Matrix m{rows, columns};
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) m.at(i, j) = f(i, j);
  }
  return m;
}

Matrix transposed(const Matrix& a) {
  return generated(a.columns, a.rows, [&](std::int64_t i, std::int64_t j) { return a.at(j, i); });
}

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c{a.rows, b.columns};
  for (std::int64_t i = 0; i < a.rows; ++i) {
    for (std::int64_t k = 0; k < a.columns; ++k) {
      for (std::int64_t j = 0; j < b.columns; ++j) c.at(i, j) += a.at(i, k) * b.at(k, j);
    }
  }
  return c;
}

Matrix sum(double a, const Matrix& x, double b, const Matrix& y) {
  return generated(x.rows, x.columns,
                   [&](std::int64_t i, std::int64_t j) { return a * x.at(i, j) + b * y.at(i, j); });
}

Matrix exact(Matrix x) {
  for (int i = 0; i < 5; ++i) {
    const Matrix a = product(x, transposed(x));
    x = sum(3.4445, x, 1, product(sum(-4.7750, a, 2.0315, product(a, a)), x));
  }
  return x;
}

/// Orthogonal, by a reflection in a random direction.
Matrix reflection(std::int64_t n, std::uint32_t seed) {
  const std::vector<double> v = test::as_doubles(test::random_tensor({n}, seed));
  const double square = std::pow(Matrix{n, 1, v}.norm(), 2);
  return generated(n, n, [&](std::int64_t i, std::int64_t j) {
    return (i == j ? 1.0 : 0.0) -
           2 * v[static_cast<std::size_t>(i)] * v[static_cast<std::size_t>(j)] / square;
  });
}

Tensor of_norm_one(const Matrix& m) {
  std::vector<float> values;
  for (const double v : m.values) values.push_back(static_cast<float>(v / m.norm()));
  return Tensor::from(Shape{m.rows, m.columns}, values);
}

using SingularValue = std::function<double(double)>;  // of its place, from 0 to 1

Tensor matrix_with(const Shape& shape, const SingularValue& singular_value) {
  const double last = static_cast<double>(std::min(shape[0], shape[1]) - 1);
  const Matrix diagonal = generated(shape[0], shape[1], [&](std::int64_t i, std::int64_t j) {
    return i == j ? singular_value(static_cast<double>(i) / last) : 0;
  });
  return of_norm_one(product(reflection(shape[0], 1), product(diagonal, reflection(shape[1], 2))));
}

/// Of `result`, in units of its length.
double relative_error(const Tensor& result, const Matrix& expected) {
  return sum(1, matrix_of(result), -1, expected).norm() / expected.norm();
}

const std::vector<Shape> kShapes{{40, 360}, {100, 150}, {64, 64}, {150, 100}};

struct Spectrum {
  const char* name;
  SingularValue value;
};

const std::vector<Spectrum> kSpectra{
    {"condition 1e4", [](double place) { return std::pow(1e-4, place); }},
    {"one value, the others 1e-3 of it", [](double place) { return place == 0 ? 1 : 1e-3; }},
    {"half of the rank", [](double place) { return place < 0.5 ? 1 : 0; }},
    {"rank one", [](double place) { return place == 0 ? 1 : 0; }},
};

// Roundings of f32 grow by no more than 3.4445^5 = 485 as singular values near 0 do, and there are some 4 of
// 2^-24 in an iteration; those of the Gram matrix: newton_schulz.h. These grow as its eigenvalues do, up to
// 1, and of those of random matrices few are near 0.
constexpr double kErrorAsWritten = 4 * 485 / 16777216.0, kErrorByGramMatrix = 1.6e-3, kErrorOfRandom = 1e-4;

}  // namespace

TEST_CASE("newton_schulz: both ways give what double precision gives, of random matrices") {
  const Device device = test::each_device();
  for (const Shape& shape : kShapes) {
    CAPTURE(to_string(shape));
    const Tensor x = of_norm_one(matrix_of(test::random_tensor(shape, 3)));
    const Matrix expected = exact(matrix_of(x));
    CHECK(relative_error(newton_schulz(x.to(device)), expected) < kErrorAsWritten);
    CHECK(relative_error(newton_schulz_by_gram_matrix(x.to(device)), expected) < kErrorOfRandom);
  }
}

TEST_CASE("newton_schulz: so they do of ill-conditioned matrices and of those without full rank") {
  const Device device = test::each_device();
  for (const Spectrum& spectrum : kSpectra) {
    for (const Shape& shape : {Shape{40, 120}, Shape{120, 40}}) {
      CAPTURE(spectrum.name, to_string(shape));
      const Tensor x = matrix_with(shape, spectrum.value);
      const Matrix expected = exact(matrix_of(x));
      CHECK(relative_error(newton_schulz(x.to(device)), expected) < kErrorAsWritten);
      CHECK(relative_error(newton_schulz_by_gram_matrix(x.to(device)), expected) < kErrorByGramMatrix);
    }
  }
}

TEST_CASE("newton_schulz: brings rows of a matrix near to length 1 and to right angles") {
  const Tensor x = test::random_tensor({4, 60}, 1, -0.05F, 0.05F).to(test::each_device());  // of norm below 1
  const Matrix y = matrix_of(orthogonalised(x)), squares = product(y, transposed(y));
  for (std::int64_t a = 0; a < 4; ++a) {
    for (std::int64_t b = 0; b < 4; ++b) {  // singular values in [0.68, 1.21], roughly
      CHECK(squares.at(a, b) == Approx(a == b ? 0.9 : 0).margin(0.6));
    }
  }
}

TEST_CASE("newton_schulz: has the same bits with any number of threads") {
  const Tensor x = of_norm_one(matrix_of(test::random_tensor({200, 260}, 3)));
  const test::ThreadCount threads(1);
  const Tensor expected = orthogonalised(x);
  for (const int count : {2, 3}) {
    set_thread_count(count);
    CHECK(test::bit_difference(orthogonalised(x), expected) == "");
  }
}

// Every product rounds its factors and its result to 8 bits: each iteration adds some 3 * 2^-9 of the largest
// singular value, and lets those before it grow by less than 3.45, but no value leaves [0, 1.21]. The Gram
// matrix's would grow by 3.45^2, and are therefore those of f32 in every mode on a CPU; on a GPU that mode
// takes the other way.
TEST_CASE("newton_schulz: in bf16 it is the iteration of fp32 but for roundings, wide and tall") {
  const Device device = test::each_device();
  for (const Shape& shape : {Shape{70, 96}, Shape{96, 70}}) {
    const Tensor x = test::random_tensor(shape, 1, -0.02F, 0.02F).to(device);
    const Matrix expected = exact(matrix_of(x));
    const test::Precision precision(kernels::FloatPrecision::bf16);
    const double error = relative_error(newton_schulz(x), expected);
    CHECK(error > kErrorByGramMatrix);
    CHECK(error < 0.05);
    const bool rounds = device.type == DeviceType::cuda;
    CHECK(relative_error(orthogonalised(x), expected) < (rounds ? 0.05 : kErrorByGramMatrix));
  }
}
