// Tensors on their way from the host to a device while the device computes:
//
//   Tensor images = staging_tensor(shape, DType::f32, device);   // on the CPU: fill it
//   Upload upload(std::move(images), device);                    // starts the copy
//   ...                                                          // queue other work
//   Tensor on_device = upload.finish();
//
// The same code serves the CPU, where nothing is copied.
#pragma once

#include <memory>

#include "tern/core/host_staging.h"
#include "tern/core/tensor.h"

namespace tern {

/// Uninitialised, on the CPU, in memory that `device` can read without the CPU (page-locked, for a GPU).
Tensor staging_tensor(const Shape& shape, DType dtype, Device device);

class Upload {
 public:
  /// `staged`, a staging_tensor() for `device`, must not be written again before finish() has returned.
  Upload(Tensor staged, Device device);
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  /// Waits for the copy and returns the tensor on the device: `staged` itself if that is the CPU. Call it
  /// once.
  Tensor finish();

 private:
  Tensor staged_;
  Tensor on_device_;
  std::unique_ptr<PendingCopy> copy_;  // last: it is destroyed, and has ended, before the tensors go
};

}  // namespace tern
