#include "tern/apps/speed/training_speed.h"

#include <chrono>
#include <vector>

#include "tern/apps/compare/noise_images.h"
#include "tern/apps/config/training_parts.h"
#include "tern/core/device_choice.h"
#include "tern/models/initialise.h"
#include "tern/training/training_step.h"

namespace tern {
namespace {

constexpr std::int64_t kWarmUpSteps = 3;
constexpr std::int64_t kDistinctBatches = 2;

Batch noise_batch(std::int64_t count, const NetworkConfig& network, std::uint32_t index, Device device) {
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < count; ++i) labels.push_back(i % network.classes);
  Batch batch;
  batch.images = noise_images(count, network.image, index).to(device);
  batch.labels = Tensor::from<std::int64_t>({count}, labels).to(device);
  return batch;
}

}  // namespace

TrainingSpeed measure_training(const TrainConfig& config, const NetworkConfig& network_config,
                               std::int64_t steps) {
  apply_process_settings(config);
  const Device device = resolve_device(config.device);
  const std::int64_t batch_size = config.training.batch_size;
  std::vector<Batch> batches;
  for (std::uint32_t i = 0; i < kDistinctBatches; ++i) {
    batches.push_back(noise_batch(batch_size, network_config, i, device));
  }
  const auto network = network_config.make();
  initialise(*network, make_init(config.init), static_cast<std::uint64_t>(config.seed));
  network->to(device);
  network->train(true);
  const auto optimizer = make_optimizer(config.optimizer, *network);
  const Loss loss = cross_entropy_loss(static_cast<float>(config.training.label_smoothing));
  const auto step = [&](std::int64_t index) {
    const Batch& batch = batches.at(static_cast<std::size_t>(index % kDistinctBatches));
    return training_step(*network, *optimizer, batch, loss,
                         {config.optimizer.lr, config.training.gradient_clip});
  };

  TrainingSpeed speed;
  speed.first_loss = step(0).loss;
  for (std::int64_t i = 1; i < kWarmUpSteps; ++i) step(i);
  const auto start = std::chrono::steady_clock::now();
  Tensor logits;
  for (std::int64_t i = 0; i < steps; ++i) logits = step(i).logits;
  (void)logits.to(Device{});  // waits for the last update, which was queued behind them
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  speed.images_per_second = static_cast<double>(steps * batch_size) / seconds.count();
  speed.peak_memory_bytes = device_memory(device).peak_bytes;
  return speed;
}

}  // namespace tern
