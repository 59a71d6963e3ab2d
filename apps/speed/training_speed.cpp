#include "tern/apps/speed/training_speed.h"

#include <chrono>
#include <optional>
#include <vector>

#include "tern/apps/compare/noise_images.h"
#include "tern/apps/config/training_parts.h"
#include "tern/core/device_choice.h"
#include "tern/distributed/agree.h"
#include "tern/models/initialise.h"
#include "tern/training/sharded_step.h"
#include "tern/training/training_step.h"

namespace tern {
namespace {

constexpr std::int64_t kWarmUpSteps = 3;
constexpr std::int64_t kDistinctBatches = 2;

Batch labelled_noise(std::int64_t count, const NetworkConfig& network, std::uint32_t index, Device device) {
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < count; ++i) labels.push_back(i % network.classes);
  Batch batch;
  batch.images = noise_batch(count, network.image, index, device);
  batch.labels = Tensor::from<std::int64_t>({count}, labels).to(device);
  return batch;
}

}  // namespace

TrainingSpeed measure_training(const TrainConfig& config, const NetworkConfig& network_config,
                               std::int64_t steps, ProcessGroup& group) {
  const std::int64_t shards = config.training.shards;
  check_ranks(shards, group.size(), reduction_of(config));
  apply_process_settings(config, group);
  const Device device = device_of(config, group);
  connect_gpus(config, device, group);
  const auto network = network_config.make();
  initialise(*network, make_init(config.init), static_cast<std::uint64_t>(config.seed));
  network->to(device);
  network->train(true);
  const auto optimizer = make_optimizer(config.optimizer, *network);
  const Loss loss = cross_entropy_loss(static_cast<float>(config.training.label_smoothing));
  const StepOptions options{config.optimizer.lr, config.training.gradient_clip};

  // Two batches in turn, of which this process has its shards.
  const std::int64_t own_shards = shards / group.size();
  std::vector<Batch> batches;
  for (std::int64_t i = 0; i < kDistinctBatches * own_shards; ++i) {
    const std::int64_t shard = i / own_shards * shards + group.rank() * own_shards + i % own_shards;
    batches.push_back(labelled_noise(config.training.batch_size / shards, network_config,
                                     static_cast<std::uint32_t>(shard), device));
  }
  TrainingSpeed speed;
  std::optional<StepGraph> recorded;  // as a Trainer has it
  if (config.training.cuda_graph) {
    recorded.emplace(*network, [&speed](const std::string& reason) { speed.no_graph = reason; });
  }
  StepGraph* const graph = recorded ? &*recorded : nullptr;
  std::size_t given = 0;
  const auto next = [&] { return batches.at(given++ % batches.size()); };
  std::optional<ShardedStep> sharded;  // where a Trainer has one
  if (shards > 1) {
    sharded.emplace(*network, *optimizer, shards, group, next, batch_norm_statistics(config), graph);
  }
  const auto step = [&] {
    return sharded ? sharded->run(loss, options)
                   : training_step(*network, *optimizer, next(), loss, options, graph);
  };
  const auto wait_for_all = [&] {
    (void)network->named_parameters().front().second.value().to(
        Device{});  // behind the last update, which was queued
    agree_on_largest(group, 0);
  };

  speed.first_loss = step().loss;
  for (std::int64_t i = 1; i < kWarmUpSteps; ++i) step();
  wait_for_all();
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < steps; ++i) step();
  wait_for_all();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  speed.images_per_second = static_cast<double>(steps * config.training.batch_size) / seconds.count();
  speed.peak_memory_bytes = device_memory(device).peak_bytes;
  return speed;
}

}  // namespace tern
