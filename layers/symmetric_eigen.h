#pragma once

#include <vector>

namespace tern {

struct SymmetricEigen {
  std::vector<double> values;   ///< The largest first.
  std::vector<double> vectors;  ///< One after the other, of length 1 and orthogonal.
};

/// Eigenvalues and eigenvectors of a symmetric matrix (n, n) by Jacobi's rotations, in cyclic order (Golub &
/// Van Loan, Matrix Computations, 8.5). For matrices of some dozens of rows; unlike a BLAS it gives the same
/// bits on every CPU, which trainings with a seed rely on. Throws NumericError for NaN and infinity.
SymmetricEigen symmetric_eigen(std::vector<double> matrix);

}  // namespace tern
