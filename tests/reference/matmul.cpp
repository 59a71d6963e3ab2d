#include "tests/reference/matmul.h"

namespace tern::reference {

Tensor matmul(const Tensor& a, const Tensor& b) {
  Tensor c = Tensor::zeros({a.dim(0), b.dim(1)});
  for (std::int64_t i = 0; i < a.dim(0); ++i) {
    for (std::int64_t j = 0; j < b.dim(1); ++j) {
      double sum = 0;
      for (std::int64_t k = 0; k < a.dim(1); ++k) {
        sum += double{a.data<float>()[i * a.dim(1) + k]} * b.data<float>()[k * b.dim(1) + j];
      }
      c.data<float>()[i * b.dim(1) + j] = static_cast<float>(sum);
    }
  }
  return c;
}

Tensor transposed(const Tensor& a) {
  Tensor t = Tensor::empty({a.dim(1), a.dim(0)});
  for (std::int64_t i = 0; i < a.dim(0); ++i) {
    for (std::int64_t j = 0; j < a.dim(1); ++j) {
      t.data<float>()[j * a.dim(0) + i] = a.data<float>()[i * a.dim(1) + j];
    }
  }
  return t;
}

}  // namespace tern::reference
