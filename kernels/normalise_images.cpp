#include "tern/kernels/normalise_images.h"

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor normalise_images(const Tensor& images, const Tensor& values, const Tensor& erased,
                        const PairMix& mix) {
  static constexpr const char* kName = "normalise_images";
  static constexpr Kernel<decltype(cuda::normalise_images)> kernel{kName, nullptr,
                                                                   TERN_CUDA_KERNEL(cuda::normalise_images)};
  check_tensor(kName, "images", images, DType::u8, 4);
  check_f32(kName, "values", values, 2);
  require<ShapeError>(values.shape() == Shape({images.dim(3), 256}), "{}: values is {} for images {}", kName,
                      values.shape(), images.shape());
  if (erased.defined()) {
    check_tensor(kName, "erased", erased, DType::i32, 3);
    require<ShapeError>(erased.dim(0) == images.dim(0) && erased.dim(2) == 4,
                        "{}: erased is {} for images {}", kName, erased.shape(), images.shape());
  }
  Tensor y = Tensor::empty(images.shape(), DType::f32, images.device());
  kernel(images.device(), images, values, erased, mix, y);
  return y;
}

}  // namespace tern::kernels
