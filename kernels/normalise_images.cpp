#include "tern/kernels/normalise_images.h"

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor normalise_images(const Tensor& images, const Tensor& values, const Tensor& erased, const PairMix& mix,
                        DType dtype) {
  static constexpr const char* kName = "normalise_images";
  static constexpr Kernel<decltype(cuda::normalise_images)> kernel{kName, nullptr,
                                                                   TERN_CUDA_KERNEL(cuda::normalise_images)};
  require<ShapeError>(dtype == DType::f32 || dtype == DType::bf16, "{}: to {}, expected f32 or bf16", kName,
                      dtype);
  check_tensor(kName, "images", images, DType::u8, 4);
  check_f32(kName, "values", values, 2);
  require<ShapeError>(values.shape() == Shape({images.dim(3), 256}), "{}: values is {} for images {}", kName,
                      values.shape(), images.shape());
  if (erased.defined()) {
    check_tensor(kName, "erased", erased, DType::i32, 3);
    require<ShapeError>(erased.dim(0) == images.dim(0) && erased.dim(2) == 4,
                        "{}: erased is {} for images {}", kName, erased.shape(), images.shape());
  }
  Tensor y = Tensor::empty(images.shape(), dtype, images.device());
  kernel(images.device(), images, values, erased, mix, y);
  return y;
}

}  // namespace tern::kernels
