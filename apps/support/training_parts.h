// From the sections of a training configuration to the objects they describe.
#pragma once

#include <memory>

#include "apps/support/train_config.h"
#include "data/dataset.h"
#include "data/loader.h"
#include "data/split.h"
#include "layers/module.h"
#include "layers/optim/optimizer.h"
#include "layers/optim/schedule.h"
#include "models/initialise.h"
#include "models/resnet_config.h"

namespace tern {

std::unique_ptr<Dataset> make_dataset(const TrainConfig& config, Split split);
std::unique_ptr<Loader> make_loader(const TrainConfig& config, const Dataset& dataset, Split split);
std::unique_ptr<Optimizer> make_optimizer(const OptimizerSection& section, const Module& network);
/// Throws DeviceError unless this build can train on config.device; today every build trains on the CPU.
void require_device(const TrainConfig& config);

ScheduleConfig make_schedule(const TrainConfig& config);
InitConfig make_init(const InitSection& section);

/// The network that a training configuration describes, for a data set of `classes` classes. Throws
/// ConfigError if its model section asks for another number of classes or size of image than the other
/// sections.
ResNetConfig network_config(const TrainConfig& config, std::int64_t classes);

}  // namespace tern
