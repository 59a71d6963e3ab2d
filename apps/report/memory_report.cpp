#include "tern/apps/report/memory_report.h"

#include <fmt/format.h>

#include "tern/apps/compare/noise_images.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/softmax_cross_entropy.h"
#include "tern/models/initialise.h"

namespace tern {
namespace {

constexpr std::int64_t kBatch = 2;

std::string row(const std::string& name, double bytes) {
  return fmt::format("  {:<8}  {:>9.3f} MB\n", name, bytes / 1e6);
}

}  // namespace

std::string memory_report(const NetworkConfig& config, Device device) {
  const auto network = config.make();
  initialise(*network, {}, 0);
  network->to(device);
  const Variable images(noise_images(kBatch, config.image, 0).to(device));
  const Variable loss =
      softmax_cross_entropy(network->forward(images), Tensor::zeros({kBatch}, DType::i64, device));
  std::string table = "kept for the backward pass, per image:\n";
  double total = 0;
  for (const auto& [kind, bytes] : Tape::saved_bytes(loss)) {
    const double per_image = static_cast<double>(bytes) / kBatch;
    table += row(to_string(kind), per_image);
    total += per_image;
  }
  return table + row("total", total);
}

}  // namespace tern
