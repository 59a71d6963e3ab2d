#include "tern/core/bfloat16.h"
#include "tern/kernels/add.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"

namespace tern::kernels::cuda {
namespace {

template <class Element>
struct Add {
  const Element *a, *b;
  Element* y;  // may be a

  template <int Width>
  __device__ void at(std::int64_t i) const {
    const auto left = load_floats<Width>(a + i), right = load_floats<Width>(b + i);
    Vector<float, Width> sum;
    for (int k = 0; k < Width; ++k) sum.at[k] = left.at[k] + right.at[k];
    store_rounded(y + i, sum);
  }
};

}  // namespace

void add(const Tensor& a, const Tensor& b, Tensor& y) {
  visit_float_type(y.dtype(), [&](auto element) {
    using Element = decltype(element);
    for_each_vector<kVectorWidth<Element>>(
        y.numel(), Add<Element>{a.data<Element>(), b.data<Element>(), y.data<Element>()});
  });
}

}  // namespace tern::kernels::cuda
