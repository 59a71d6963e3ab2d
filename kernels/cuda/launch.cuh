// The one way to launch a kernel:
//
//   TERN_LAUNCH((scale_kernel<float>), {grid, block, shared_bytes}, x, y, n);
//
// on the stream of the current device. An error names the kernel, the file and the line. In the emulated
// build (tests/emulation) the same line runs the grid on the host, which is why kernels are never launched by
// <<<>>>.
#pragma once

#include <cstdint>
#include <tuple>
#include <utility>

#include "tern/core/cuda/runtime.h"

#ifdef TERN_EMULATED_CUDA
#include "emulation/grid.h"
#include "emulation/stream.h"
#include "emulation/traffic.h"
#include "tern/core/device_scope.h"
#endif

namespace tern::kernels::cuda {

struct LaunchShape {
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes = 0;  ///< Dynamic shared memory.
};

struct LaunchSite {
  const char* kernel;
  const char* file;
  int line;
};

#ifdef TERN_EMULATED_CUDA

template <class... Parameters, class... Arguments>
void launch(const LaunchSite& site, void (*kernel)(Parameters...), const LaunchShape& shape,
            const Arguments&... arguments) {
  (emulation::check_argument(site.kernel, &arguments, sizeof arguments), ...);
  emulation::do_or_queue(::tern::cuda::stream(),
                         [=, operation = DeviceScope::operation(),
                          values = std::tuple<Parameters...>(static_cast<Parameters>(arguments)...)] {
                           const emulation::CountedLaunch counted(operation, site.kernel);
                           emulation::run_grid(site.kernel, shape.grid, shape.block, shape.shared_bytes,
                                               [&] { std::apply(kernel, values); });
                         });
  ::tern::cuda::check_launch(site.kernel, site.file, site.line);
}

#else

namespace detail {

/// What a kernel may use without asking; more has to be asked for by name.
constexpr std::size_t kDefaultSharedBytes = 48 * 1024;

template <class... Parameters, std::size_t... I>
void launch(const LaunchSite& site, const void* kernel, const LaunchShape& shape,
            std::tuple<Parameters...> values, std::index_sequence<I...>) {
  void* pointers[] = {static_cast<void*>(&std::get<I>(values))...};
  ::tern::cuda::check(
      cudaLaunchKernel(kernel, shape.grid, shape.block, pointers, shape.shared_bytes, ::tern::cuda::stream()),
      site.kernel, site.file, site.line);
  ::tern::cuda::check_launch(site.kernel, site.file, site.line);
}

}  // namespace detail

template <class... Parameters, class... Arguments>
void launch(const LaunchSite& site, void (*kernel)(Parameters...), const LaunchShape& shape,
            const Arguments&... arguments) {
  const void* address = reinterpret_cast<const void*>(kernel);
  if (shape.shared_bytes > detail::kDefaultSharedBytes) {
    ::tern::cuda::check(cudaFuncSetAttribute(address, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                             static_cast<int>(shape.shared_bytes)),
                        site.kernel, site.file, site.line);
  }
  detail::launch(site, address, shape, std::tuple<Parameters...>(static_cast<Parameters>(arguments)...),
                 std::index_sequence_for<Parameters...>());
}

#endif

/// Blocks of `per_block` that cover `count`; at least one, because a grid may not be empty.
inline unsigned blocks_for(std::int64_t count, std::int64_t per_block) {
  return count <= 0 ? 1U : static_cast<unsigned>((count + per_block - 1) / per_block);
}

}  // namespace tern::kernels::cuda

#define TERN_LAUNCH(kernel, ...) \
  ::tern::kernels::cuda::launch({#kernel, __FILE__, __LINE__}, kernel, __VA_ARGS__)
