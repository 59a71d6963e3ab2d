// How fast a network trains, measured on random images.
#pragma once

#include <cstdint>
#include <string>

#include "tern/apps/config/train_config.h"
#include "tern/distributed/process_group.h"
#include "tern/models/registry.h"

namespace tern {

struct TrainingSpeed {
  double first_loss = 0;
  double images_per_second = 0;  ///< Of all processes.
  std::size_t peak_memory_bytes =
      0;                 ///< The most that tensors held at one time on the device of this process.
  std::string no_graph;  ///< Why no CUDA graph could be recorded (training.cuda_graph), if that was tried.
};

/// Trains `steps` steps, after a few to warm up, as a run of `config` would on its device, but on noise that
/// lies in the device's memory, and with cross entropy. Nothing is read or written. All processes of `group`
/// call it together. Throws as TrainingRun.
TrainingSpeed measure_training(const TrainConfig& config, const NetworkConfig& network_config,
                               std::int64_t steps, ProcessGroup& group);

}  // namespace tern
