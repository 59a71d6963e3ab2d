#include "tern/core/bfloat16.h"
#include "tern/kernels/cast.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"

namespace tern::kernels::cuda {
namespace {

template <class From, class To>
struct Cast {
  const From* x;
  To* y;

  template <int Width>
  __device__ void at(std::int64_t i) const {
    store_rounded(y + i, load_floats<Width>(x + i));
  }
};

template <class From, class To>
void cast_elements(std::int64_t count, const From* x, To* y) {
  for_each_vector<kVectorWidth<From, To>>(count, Cast<From, To>{x, y});
}

}  // namespace

void cast(const Tensor& x, Tensor& y) {
  visit_float_type(y.dtype(), [&](auto element) {
    auto* to = y.data<decltype(element)>();
    visit_castable(x, [&](const auto* from) { cast_elements(x.numel(), from, to); });
  });
}

}  // namespace tern::kernels::cuda
