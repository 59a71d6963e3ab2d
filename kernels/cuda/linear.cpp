// Fully connected layers on cuBLAS.
//
// cuBLAS gives the same bits at every call as long as one stream uses its handle, and so it is here. Its
// default mode may be turned to other arithmetic by environment variables; fp32 therefore asks for the
// pedantic one, which is IEEE single precision whatever they say.
#include "tern/kernels/linear.h"

#include <string>

#include "tern/core/cuda/runtime.h"
#include "tern/core/error.h"
#include "tern/kernels/cuda/add_bias.h"
#include "tern/kernels/cuda/cublas.h"
#include "tern/kernels/precision.h"

namespace tern::kernels::cuda {
namespace {

// A row-major factor of a product, stored (rows, columns); with `transposed`, the factor is its transpose.
struct Factor {
  const Tensor& stored;
  bool transposed = false;

  std::int64_t rows() const { return stored.dim(transposed ? 1 : 0); }
  std::int64_t columns() const { return stored.dim(transposed ? 0 : 1); }
};

int as_int(std::int64_t size) {
  require<ShapeError>(size <= INT32_MAX, "linear: {} is more than cuBLAS takes in one dimension", size);
  return static_cast<int>(size);
}

// c = a b, all row-major. cuBLAS stores by columns, which is the transpose of each: c^T = b^T a^T.
void gemm(const Factor& a, const Factor& b, Tensor& c) {
  if (c.numel() == 0) return;
  if (a.columns() == 0) return c.fill_zero();
  const float one = 1.0F, zero = 0.0F;
  const auto operation = [](const Factor& factor) { return factor.transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
  const auto stride = [](const Factor& factor) { return as_int(factor.stored.dim(1)); };
  const bool tf32 = float_precision() != FloatPrecision::fp32;
  cublasHandle_t handle = cublas_handle();
  TERN_CUBLAS_CHECK(cublas().set_math_mode(handle, tf32 ? CUBLAS_TF32_TENSOR_OP_MATH : CUBLAS_PEDANTIC_MATH));
  const cublasStatus_t status =
      cublas().sgemm(handle, operation(b), operation(a), as_int(b.columns()), as_int(a.rows()),
                     as_int(a.columns()), &one, b.stored.data<float>(), stride(b), a.stored.data<float>(),
                     stride(a), &zero, c.data<float>(), as_int(b.columns()));
  if (status != CUBLAS_STATUS_SUCCESS) {
    const std::string what =
        fmt::format("sgemm of ({}, {}) and ({}, {})", a.rows(), a.columns(), b.rows(), b.columns());
    check_cublas(status, what.c_str(), __FILE__, __LINE__);
  }
  ::tern::cuda::check_launch("sgemm", __FILE__, __LINE__);
}

}  // namespace

void linear(const Tensor& x, const Tensor& w, const Tensor& bias, Tensor& y) {
  gemm({x}, {w, true}, y);
  if (bias.defined()) add_bias(y, bias);
}

void linear_backward_data(const Tensor& dy, const Tensor& w, Tensor& dx) {
  gemm({dy}, {w}, dx);
}

void linear_backward_weight(const Tensor& dy, const Tensor& x, Tensor& dw) {
  gemm({dy, true}, {x}, dw);
}

}  // namespace tern::kernels::cuda
