#pragma once

#include "tern/core/tensor.h"

namespace tern::reference {

/// a (M, K) times b (K, N), added up in double.
Tensor matmul(const Tensor& a, const Tensor& b);

Tensor transposed(const Tensor& a);

}  // namespace tern::reference
