#include "tern/benchmarks/support/peak_probe.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <numeric>
#include <vector>

#include "tern/benchmarks/support/int8_products.h"
#include "tern/benchmarks/support/measure.h"
#include "tern/benchmarks/support/peak_loops.h"
#include "tern/core/parallel.h"
#include "tern/kernels/linear.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

constexpr std::int64_t kCopyBytes = 128 << 20;  // beyond the caches
constexpr std::int64_t kProductSize = 4096;     // rows and columns of the matrices
constexpr std::int64_t kLoopSteps = 100'000;
constexpr int kGpuCopies = 20;          // waited for together: one takes no longer than the wait
constexpr int kGpuLoopSteps = 100'000;  // some 10 ms
constexpr int kTries = 5;

/// The fastest of all measured runs of `body`, in seconds: a peak is what can be done, not what is usual.
template <class Body>
double shortest(Device device, double seconds, const Body& body) {
  double best = 0, spent = 0;
  for (int i = 0; i < (seconds > 0 ? kTries : 1) || spent < seconds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    body();
    synchronise(device);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    spent += elapsed.count();
    best = best == 0 ? elapsed.count() : std::min(best, elapsed.count());
  }
  return best;
}

double loop_gmacs(PeakLoop loop, double seconds) {
  std::vector<double> macs(static_cast<std::size_t>(thread_count()));
  const auto body = [&] {
    parallel_for(0, thread_count(), 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) macs[static_cast<std::size_t>(i)] = loop(kLoopSteps);
    });
  };
  const double elapsed = shortest(Device{}, seconds, body);
  return std::accumulate(macs.begin(), macs.end(), 0.0) / elapsed / 1e9;
}

double cpu_copy_rate(double seconds) {
  std::vector<char> from(kCopyBytes, 1), to(kCopyBytes, 2);
  const double elapsed = shortest(Device{}, seconds, [&] {
    parallel_for(0, kCopyBytes, kCopyBytes / thread_count(), [&](std::int64_t first, std::int64_t last) {
      std::memcpy(to.data() + first, from.data() + first, static_cast<std::size_t>(last - first));
    });
  });
  return 2.0 * kCopyBytes / elapsed / 1e9;
}

#ifdef TERN_WITH_CUDA
double gpu_copy_rate(Device device, double seconds) {
  const int copies = seconds > 0 ? kGpuCopies : 1;
  const std::int64_t bytes = seconds > 0 ? kCopyBytes : 1 << 20;
  const Tensor from = Tensor::zeros({bytes}, DType::u8, device);
  Tensor to = Tensor::zeros({bytes}, DType::u8, device);
  const double elapsed = shortest(device, seconds, [&] {
    for (int i = 0; i < copies; ++i) to.copy_from(from);
  });
  return 2.0 * static_cast<double>(bytes) * copies / elapsed / 1e9;
}

double gpu_product_gmacs(Device device, double seconds) {
  const std::int64_t size = seconds > 0 ? kProductSize : 64;
  const Tensor a = test::random_tensor({size, size}, 1).to(device);
  const double elapsed = shortest(device, seconds, [&] { (void)kernels::linear(a, a, Tensor()); });
  return static_cast<double>(size * size) * static_cast<double>(size) / elapsed / 1e9;
}

double gpu_int8_gmacs(Device device, double seconds) {
  const int steps = seconds > 0 ? kGpuLoopSteps : 1;
  double macs = 0;
  const double elapsed = shortest(device, seconds, [&] { macs = multiply_int8(device, steps).macs; });
  return macs / elapsed / 1e9;
}

Peaks probe_gpu(Device device, double seconds) {
  return {{Peak::copy, gpu_copy_rate(device, seconds)},
          {Peak::fp32_fma, gpu_product_gmacs(device, seconds)},
          {Peak::int8_dot, gpu_int8_gmacs(device, seconds)}};
}
#endif

}  // namespace

const PeakLoops& peak_loops(const char* instruction_set) {
#if defined(__x86_64__)
  for (const PeakLoops* loops : {&avx512_peak_loops(), &avx512bw_peak_loops(), &avx2_peak_loops()}) {
    if (std::strcmp(loops->name, instruction_set) == 0) return *loops;
  }
#endif
  (void)instruction_set;  // elsewhere there is one set
  return portable_peak_loops();
}

PeakLoop fastest_int8_dot(const PeakLoops& set) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vnni")) return avx512_peak_loops().int8_dot;
  if (__builtin_cpu_supports("avxvnni")) return &avx_vnni_int8_dot;
  if (__builtin_cpu_supports("avx512bw")) return avx512bw_peak_loops().int8_dot;
#endif
  return set.int8_dot;
}

Peaks probe_peaks([[maybe_unused]] Device device, const std::string& instruction_set,
                  [[maybe_unused]] bool held, double seconds) {
#ifdef TERN_WITH_CUDA
  if (device.type == DeviceType::cuda) return probe_gpu(device, seconds);
#endif
  const PeakLoops& loops = peak_loops(instruction_set.c_str());
  return {{Peak::copy, cpu_copy_rate(seconds)},
          {Peak::fp32_fma, loop_gmacs(loops.fp32_fma, seconds)},
          {Peak::int8_dot, loop_gmacs(held ? loops.int8_dot : fastest_int8_dot(loops), seconds)},
          {Peak::bit_planes, loop_gmacs(loops.bit_planes, seconds)},
          {Peak::ternary, loop_gmacs(loops.ternary, seconds)}};
}

}  // namespace tern::bench
