// From the sections of a training configuration to the objects they describe.
#pragma once

#include <memory>

#include "tern/apps/config/train_config.h"
#include "tern/data/dataset.h"
#include "tern/data/loader.h"
#include "tern/data/split.h"
#include "tern/distributed/process_group.h"
#include "tern/layers/module.h"
#include "tern/layers/optim/optimizer.h"
#include "tern/layers/optim/schedule.h"
#include "tern/models/initialise.h"
#include "tern/models/registry.h"
#include "tern/training/sharded_step.h"

namespace tern {

/// Throws DataError.
std::unique_ptr<Dataset> make_dataset(const TrainConfig& config, Split split);

struct DataSets {
  std::unique_ptr<Dataset> training, validation;
};

/// Both: of data.train and data.validation, or, with data.validation_split, of data.train alone. Throws
/// DataError.
DataSets make_datasets(const TrainConfig& config);
Transform make_transform(const TrainConfig& config, Split split);
BadImagePolicy bad_image_policy(const TrainConfig& config, Split split);
/// Its batches arrive on `device`: what `group` leaves to this process, as TrainerParts::group wants it.
std::unique_ptr<Loader> make_loader(const TrainConfig& config, const Dataset& dataset, Split split,
                                    Device device, const ProcessGroup& group);
std::unique_ptr<Optimizer> make_optimizer(const OptimizerSection& section, const Module& network);
/// What holds for the whole process: CPU threads and the precision of float computations. Without
/// config.threads the processes of this host share out its cores.
void apply_process_settings(const TrainConfig& config, const ProcessGroup& group = SingleProcess());
/// What config.device means for this process: of several GPUs that of its rank on this host.
Device device_of(const TrainConfig& config, const ProcessGroup& group);
/// How gradients are to be added up over processes.
Reduction reduction_of(const TrainConfig& config);
BatchNormStatistics batch_norm_statistics(const TrainConfig& config);
/// Has the GPUs of `group`, of which `device` is that of this process, connected as distributed.backend says.
/// All processes call it together. Throws as connect_gpus(), and ConfigError for NCCL between processes that
/// have no GPU of their own each.
void connect_gpus(const TrainConfig& config, Device device, ProcessGroup& group);

ScheduleConfig make_schedule(const TrainConfig& config);
InitConfig make_init(const InitSection& section);

/// What the other sections say of the network that the model section describes.
NetworkDefaults network_defaults(const TrainConfig& config);

/// The network that a training configuration describes, for a data set of `classes` classes. Throws
/// ConfigError if its model section asks for another number of classes or size of image than the other
/// sections.
NetworkConfig network_config(const TrainConfig& config, std::int64_t classes);

/// The teacher of the distillation loss; null where there is none. Throws ConfigError if it knows another
/// number of classes than `student`, and DataError if its file cannot be read or does not fit its network.
std::unique_ptr<Module> make_teacher(const TrainingSection& training, const NetworkConfig& student);

}  // namespace tern
