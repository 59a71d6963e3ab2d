#include "tern/layers/symmetric_eigen.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

#include "tern/core/error.h"

namespace tern {
namespace {

class Jacobi {
 public:
  Jacobi(std::vector<double> matrix, std::size_t n) : n_(n), a_(std::move(matrix)), vectors_(n * n) {
    for (std::size_t i = 0; i < n; ++i) vectors_[i * n + i] = 1;
  }

  SymmetricEigen run() {
    constexpr int kMostSweeps = 64;  // it converges quadratically: about ten
    double total = 0;
    for (const double x : a_) total += x * x;
    require<NumericError>(std::isfinite(total), "symmetric_eigen: the matrix is not finite");
    constexpr double kUnit = std::numeric_limits<double>::epsilon();
    for (int sweep = 0; sweep < kMostSweeps && off_diagonal() > kUnit * kUnit * total; ++sweep) {
      for (std::size_t p = 0; p + 1 < n_; ++p) {
        for (std::size_t q = p + 1; q < n_; ++q) rotate(p, q);
      }
    }
    return sorted();
  }

 private:
  double off_diagonal() const {
    double sum = 0;
    for (std::size_t p = 0; p < n_; ++p) {
      for (std::size_t q = p + 1; q < n_; ++q) sum += 2 * a_[p * n_ + q] * a_[p * n_ + q];
    }
    return sum;
  }

  // Makes element (p, q) zero.
  void rotate(std::size_t p, std::size_t q) {
    const double apq = a_[p * n_ + q];
    if (apq == 0) return;
    const double tau = (a_[q * n_ + q] - a_[p * n_ + p]) / (2 * apq);
    const double t = (tau < 0 ? -1 : 1) / (std::abs(tau) + std::sqrt(1 + tau * tau));
    const double c = 1 / std::sqrt(1 + t * t), s = t * c;
    for (std::size_t k = 0; k < n_; ++k) turn(a_[k * n_ + p], a_[k * n_ + q], c, s);  // columns
    for (std::size_t k = 0; k < n_; ++k) turn(a_[p * n_ + k], a_[q * n_ + k], c, s);  // rows
    for (std::size_t k = 0; k < n_; ++k) turn(vectors_[p * n_ + k], vectors_[q * n_ + k], c, s);
  }

  static void turn(double& x, double& y, double c, double s) {
    const double old = x;
    x = c * old - s * y;
    y = s * old + c * y;
  }

  SymmetricEigen sorted() const {
    std::vector<std::size_t> order(n_);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t i, std::size_t j) { return a_[i * n_ + i] > a_[j * n_ + j]; });
    SymmetricEigen result;
    for (const std::size_t i : order) {
      result.values.push_back(a_[i * n_ + i]);
      const auto vector = vectors_.begin() + static_cast<std::ptrdiff_t>(i * n_);
      result.vectors.insert(result.vectors.end(), vector, vector + static_cast<std::ptrdiff_t>(n_));
    }
    return result;
  }

  std::size_t n_;
  std::vector<double> a_;        // nearer to diagonal with each sweep
  std::vector<double> vectors_;  // row i belongs to the diagonal's element i
};

}  // namespace

SymmetricEigen symmetric_eigen(std::vector<double> matrix) {
  const auto n = static_cast<std::size_t>(std::llround(std::sqrt(static_cast<double>(matrix.size()))));
  require<ShapeError>(n * n == matrix.size(), "symmetric_eigen: {} numbers are no square matrix",
                      matrix.size());
  return Jacobi(std::move(matrix), n).run();
}

}  // namespace tern
