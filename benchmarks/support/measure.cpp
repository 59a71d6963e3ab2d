#include "tern/benchmarks/support/measure.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "tern/apps/speed/quantile.h"
#include "tern/benchmarks/support/bench_case.h"
#include "tern/core/parallel.h"
#include "tern/core/tensor.h"

namespace tern::bench {
namespace {

// Long against the resolution of the clock; on a GPU, against the time that the host takes to wait.
constexpr double kCpuSampleSeconds = 1e-3;
constexpr double kGpuSampleSeconds = 10e-3;
constexpr std::size_t kMinimumSamples = 5;
// Idle threads of a pool spin for some milliseconds, in the way of the next contestant's own.
constexpr std::chrono::milliseconds kPoolsFallAsleep{10};

/// One function with what its next sample needs to know.
class Contestant {
 public:
  Contestant(const Run& run, Device device) : run_(&run), device_(device) {}

  /// Runs until a sample is long enough, which warms up as well.
  void calibrate() {
    const double wanted = device_.type == DeviceType::cpu ? kCpuSampleSeconds : kGpuSampleSeconds;
    for (double seconds = sample(); seconds * static_cast<double>(runs_) < wanted; seconds = sample()) {
      const double needed = wanted / std::max(seconds, 1e-9);
      runs_ = std::max(2 * runs_, static_cast<std::size_t>(std::ceil(needed)));
    }
  }

  /// Seconds of a run.
  double sample() {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < runs_; ++i) (*run_)(slot_++ % kSlots);
    synchronise(device_);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    return seconds.count() / static_cast<double>(runs_);
  }

  /// To be called before a sample where several threads work: other contestants' threads come to rest, and
  /// its own are woken.
  void settle() {
    std::this_thread::sleep_for(kPoolsFallAsleep);
    (*run_)(slot_++ % kSlots);
    synchronise(device_);
  }

  std::size_t runs() const { return runs_; }

 private:
  const Run* run_;
  Device device_;
  std::size_t runs_ = 1;
  std::size_t slot_ = 0;
};

}  // namespace

Timing summarise(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  return {quantile(samples, 0.5), quantile(samples, 0.25), quantile(samples, 0.75), samples.size()};
}

std::vector<Timing> measure(const std::vector<Run>& runs, Device device, double seconds) {
  std::vector<Contestant> contestants;
  for (const Run& run : runs) contestants.emplace_back(run, device);
  if (seconds > 0) {
    for (Contestant& contestant : contestants) contestant.calibrate();
  }
  const std::size_t minimum = seconds > 0 ? kMinimumSamples : 1;
  std::vector<std::vector<double>> samples(runs.size());
  double spent = 0;  // by all
  while (!runs.empty() &&
         (samples.back().size() < minimum || spent < seconds * static_cast<double>(runs.size()))) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (seconds > 0 && thread_count() > 1) contestants[i].settle();
      samples[i].push_back(contestants[i].sample());
      spent += samples[i].back() * static_cast<double>(contestants[i].runs());
    }
  }
  std::vector<Timing> timings;
  for (std::vector<double>& each : samples) timings.push_back(summarise(std::move(each)));
  return timings;
}

void synchronise(Device device) {
  if (device.type == DeviceType::cpu) return;
  (void)Tensor::zeros({1}, DType::f32, device).item();  // a copy to the host comes after all before it
}

}  // namespace tern::bench
