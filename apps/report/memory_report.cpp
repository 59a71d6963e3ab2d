#include "tern/apps/report/memory_report.h"

#include <fmt/format.h>

#include "tern/apps/compare/noise_images.h"
#include "tern/kernels/conv2d.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/softmax_cross_entropy.h"
#include "tern/models/initialise.h"

namespace tern {
namespace {

// On the CPU, where a whole batch would take its time.
constexpr std::int64_t kFewImages = 2;

std::string row(const std::string& name, double bytes) {
  return fmt::format("  {:<8}  {:>9.3f} MB\n", name, bytes / 1e6);
}

}  // namespace

std::string memory_report(const NetworkConfig& config, std::int64_t batch_size, Device device) {
  const bool on_gpu = device.type == DeviceType::cuda;
  const std::int64_t count = on_gpu ? batch_size : kFewImages;
  const auto network = config.make();
  initialise(*network, {}, 0);
  network->to(device);
  const Variable images(noise_batch(count, config.image, 0, device));
  const Variable loss =
      softmax_cross_entropy(network->forward(images), Tensor::zeros({count}, DType::i64, device));
  std::string report = "kept for the backward pass, per image:\n";
  double total = 0;
  for (const auto& [kind, bytes] : Tape::saved_bytes(loss)) {
    const double per_image = static_cast<double>(bytes) / static_cast<double>(count);
    report += row(to_string(kind), per_image);
    total += per_image;
  }
  report += row("total", total);
  if (!on_gpu) return report;
  loss.backward();
  report += fmt::format("\nmost that tensors held, forward and backward of {} images: {:.1f} MB\n", count,
                        static_cast<double>(device_memory(device).peak_bytes) / 1e6);
  report += "\nfloat convolutions, by cuDNN:\n";
  for (const std::string& plan : kernels::conv2d_plans(device)) report += fmt::format("  {}\n", plan);
  return report;
}

}  // namespace tern
