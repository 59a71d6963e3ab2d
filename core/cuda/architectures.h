#pragma once

#include <string_view>

namespace tern::cuda {

/// True if kernels compiled for `architectures` run on a GPU of compute capability major.minor.
///
/// `architectures` is the value of CMAKE_CUDA_ARCHITECTURES with commas: "75-real,80-real,90-virtual,120".
/// Machine code (-real) for X.Y runs on X.Z with Z >= Y; that of architecture-specific features ("90a") on
/// X.Y alone. The driver compiles PTX (-virtual) for X.Y to any later architecture. A number alone stands for
/// both. Words ("native", "all", "emulated") are taken to include the GPU. (CUDA C++ Programming Guide,
/// "Compute capabilities".)
bool runs_on(std::string_view architectures, int major, int minor);

}  // namespace tern::cuda
