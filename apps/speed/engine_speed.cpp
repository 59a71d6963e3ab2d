#include "tern/apps/speed/engine_speed.h"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tern/apps/compare/noise_images.h"
#include "tern/apps/inputs/open_engine.h"
#include "tern/apps/speed/quantile.h"
#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/models/engine/engine.h"

namespace tern {
namespace {

/// "VmRSS" or "VmHWM", the most it has been, in bytes.
std::size_t memory_now(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key + ":")) return std::stoull(line.substr(key.size() + 1)) * 1024;
  }
  return 0;
}

/// What has been freed does not count from here on.
void forget_peak_memory() {
  ::malloc_trim(0);
  constexpr const char* kResetPeak = "5";  // proc(5)
  std::ofstream("/proc/self/clear_refs") << kResetPeak;
}

}  // namespace

EngineSpeed measure_engine(const std::string& model, int threads, std::int64_t batch_size, double seconds) {
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  constexpr int kWarmUpCalls = 3;
  const MergedModel merged(model);
  forget_peak_memory();
  const std::size_t before = memory_now("VmRSS");
  engine::Engine engine(merged.source(), threads);
  const Shape image{engine.input_height(), engine.input_width(), engine.input_channels()};
  const Tensor images = noise_images(batch_size, image, 0);
  const std::vector<std::uint8_t> pixels =
      engine.plan().has_int16_stem() ? noise_pixels(batch_size, image) : std::vector<std::uint8_t>();
  std::vector<float> logits(static_cast<std::size_t>(batch_size) *
                            static_cast<std::size_t>(engine.classes()));
  const auto call = [&] {
    const auto count = static_cast<std::size_t>(batch_size);
    pixels.empty() ? engine.run(images.data<float>(), count, logits.data())
                   : engine.run(pixels.data(), count, logits.data());
  };
  for (int i = 0; i < kWarmUpCalls; ++i) call();
  std::vector<double> times;
  const auto start = Clock::now();
  do {
    const auto from = Clock::now();
    call();
    times.push_back(Seconds(Clock::now() - from).count());
  } while (Seconds(Clock::now() - start).count() < seconds);
  std::sort(times.begin(), times.end());
  EngineSpeed speed;
  speed.instruction_set = packed::kernels().name;
  speed.input_height = engine.input_height();
  speed.input_width = engine.input_width();
  speed.threads = engine.threads();
  speed.calls = static_cast<std::int64_t>(times.size());
  speed.median_seconds = quantile(times, 0.5);
  speed.lower_quartile_seconds = quantile(times, 0.25);
  speed.upper_quartile_seconds = quantile(times, 0.75);
  speed.model_bytes = std::filesystem::file_size(model);
  speed.memory_bytes = std::max(memory_now("VmHWM"), before) - before;
  return speed;
}

}  // namespace tern
