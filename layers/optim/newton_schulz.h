// The Newton-Schulz iteration of Muon (layers/optim/muon.h), which brings every singular value of a matrix X
// of Frobenius norm at most 1 to between 0.7 and 1.2, roughly; five times
//   A = X X^t,  X = P X,  P = 3.4445 I - 4.7750 A + 2.0315 A A
#pragma once

#include "tern/core/tensor.h"

namespace tern {

/// x (rows, columns), f32, of norm at most 1; in one of the two ways below, whichever is fast and near
/// enough.
Tensor orthogonalised(const Tensor& x);

/// As it is written, in the mode of kernels/precision.h: in bf16 as Muon's authors compute it, but that sums
/// of matrices stay f32.
Tensor newton_schulz(Tensor x);

/// By A alone, which P turns into P A P: the matrices P of all iterations are multiplied first, and x by
/// their product at the end. Of x (n, 9 n) that is 35 n^3 multiplications instead of 95 n^3, on a CPU, where
/// A and P are computed by half, 23 n^3; of x (n, n) 19 n^3 instead of 15 n^3, on a CPU 11 n^3.
///
/// For products of f32 factors only: where A has eigenvalues near 0, each iteration multiplies its errors by
/// 3.4445^2. That of the first A, 2^-24, is 2^-24 * 3.4445^8 = 1.2e-3 in the fifth and changes X by 4.7750 /
/// 3.4445 of it, 1.6e-3 of its length.
Tensor newton_schulz_by_gram_matrix(const Tensor& x);

}  // namespace tern
