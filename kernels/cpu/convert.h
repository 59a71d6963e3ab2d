// Element types of the float convolutions that carry ternary ones, and back.
#pragma once

#include "tern/core/parallel.h"
#include "tern/core/tensor.h"

namespace tern::kernels::cpu {

/// Writes every element of `from`, which is of type From, to `to`, of type To, which must be able to hold it.
template <class From, class To>
void convert(const Tensor& from, Tensor& to) {
  const From* source = from.data<From>();
  To* target = to.data<To>();
  parallel_for(0, from.numel(), 1 << 14, [=](std::int64_t first, std::int64_t last) {
    const From* __restrict a = source;
    To* __restrict b = target;
    for (std::int64_t i = first; i < last; ++i) b[i] = static_cast<To>(a[i]);
  });
}

}  // namespace tern::kernels::cpu
