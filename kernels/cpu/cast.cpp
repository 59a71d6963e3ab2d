#include "tern/kernels/cast.h"

#include "tern/core/bfloat16.h"
#include "tern/core/parallel.h"
#include "tern/kernels/common/visit_elements.h"

namespace tern::kernels::cpu {
namespace {

template <class From, class To>
void cast_elements(std::int64_t count, const From* x, To* y) {
  parallel_for(0, count, 1 << 14, [=](std::int64_t first, std::int64_t last) {
    const From* __restrict from = x;
    To* __restrict to = y;
    for (std::int64_t i = first; i < last; ++i) to[i] = rounded_to<To>(to_float(from[i]));
  });
}

}  // namespace

void cast(const Tensor& x, Tensor& y) {
  visit_float_type(y.dtype(), [&](auto element) {
    auto* to = y.data<decltype(element)>();
    visit_castable(x, [&](const auto* from) { cast_elements(x.numel(), from, to); });
  });
}

}  // namespace tern::kernels::cpu
