#include "tern/apps/config/training_parts.h"

#include <algorithm>

#include "tern/apps/inputs/open_dataset.h"
#include "tern/core/device_choice.h"
#include "tern/core/error.h"
#include "tern/core/parallel.h"
#include "tern/core/thread_default.h"
#include "tern/data/subset.h"
#include "tern/distributed/agree.h"
#include "tern/kernels/precision.h"
#include "tern/layers/optim/muon.h"
#include "tern/layers/optim/parameter_groups.h"
#include "tern/layers/optim/sgd.h"
#include "tern/models/engine/transform_config.h"
#include "tern/models/import_state_dict.h"

namespace tern {
namespace {

WeightInitConfig weight_init(const std::string& rule, double deviation) {
  if (rule == "fan_in") return {WeightInit::fan_in, 0};
  if (rule == "kaiming") return {WeightInit::kaiming, 0};
  return {WeightInit::constant, deviation};
}

Transform training_transform(const TrainConfig& run) {
  const AugmentationSection& augmentation = run.augmentation;
  TransformConfig config = transform_config(run.input);
  config.dct_scaling = run.data.dct_scaling;
  if (augmentation.padding_mode == "reflect") config.padding_mode = PaddingMode::reflect;
  if (augmentation.flip_mode == "alternating") config.flip = Flip::alternating;
  const std::vector<double>& jitter = augmentation.color_jitter;
  config.color_jitter = {static_cast<float>(jitter.at(0)), static_cast<float>(jitter.at(1)),
                         static_cast<float>(jitter.at(2)), static_cast<float>(jitter.at(3))};
  config.trivial_augment = augmentation.trivial_augment;
  config.cutout = static_cast<int>(augmentation.cutout);
  config.erasing = static_cast<float>(augmentation.erasing);
  return {config, true};
}

// "cuda:N", which is the same for all processes of a host.
bool names_one_gpu(const TrainConfig& config) {
  return config.device.find(':') != std::string::npos;
}

LoadedModel import_teacher(const TrainingSection& training, const NetworkConfig& student) {
  NetworkDefaults defaults;
  defaults.input_size = Shape{student.image[0], student.image[1]};
  try {
    return import_state_dict(training.teacher, training.teacher_model.text, defaults);
  } catch (const ConfigError& error) {
    throw ConfigError(std::string("training.teacher_model: ") + error.what());
  }
}

}  // namespace

std::unique_ptr<Dataset> make_dataset(const TrainConfig& config, Split split) {
  DatasetSource source;
  source.format = config.data.format;
  source.path = config.data.path;
  source.part = split == Split::train ? config.data.train : config.data.validation;
  source.split = split;
  source.images = image_options(config.input, config.data.max_megapixels);
  source.columns = {config.data.path_column, config.data.label_column};
  return open_dataset(source);
}

DataSets make_datasets(const TrainConfig& config) {
  if (config.data.validation_split == 0) {
    return {make_dataset(config, Split::train), make_dataset(config, Split::test)};
  }
  const std::shared_ptr<const Dataset> whole = make_dataset(config, Split::train);
  TrainingSplit split =
      split_stratified(*whole, config.data.validation_split, static_cast<std::uint64_t>(config.seed));
  return {std::make_unique<Subset>(whole, std::move(split.training), whole->ignored_files()),
          std::make_unique<Subset>(whole, std::move(split.validation))};
}

Transform make_transform(const TrainConfig& config, Split split) {
  return split == Split::train ? training_transform(config)
                               : Transform(transform_config(config.input), false);
}

BadImagePolicy bad_image_policy(const TrainConfig& config, Split split) {
  return parse_bad_image_policy(split == Split::train ? config.data.bad_images
                                                      : config.data.validation_bad_images);
}

std::unique_ptr<Loader> make_loader(const TrainConfig& config, const Dataset& dataset, Split split,
                                    Device device, const ProcessGroup& group) {
  const bool training = split == Split::train;
  LoaderConfig loader;
  // Processes share out the shards of a training batch; of validation each takes whole batches, the same for
  // any number of processes.
  const std::int64_t ranks = group.size(), shards = training ? config.training.shards : ranks;
  loader.batch_size = config.training.batch_size * (training ? 1 : ranks);
  loader.shards = {shards, group.rank() * shards / ranks, shards / ranks};
  loader.shuffle = training;
  loader.balanced = training && config.data.balanced;
  loader.drop_last = training;
  loader.workers = static_cast<int>(config.data.workers);
  loader.device = device;
  loader.seed = static_cast<std::uint64_t>(config.seed);
  loader.bad_images = bad_image_policy(config, split);
  loader.cache_bytes = static_cast<std::size_t>(config.data.cache_mb) << 20;
  if (training) {
    loader.mixing = {static_cast<float>(config.augmentation.mixup),
                     static_cast<float>(config.augmentation.cutmix)};
  }
  return std::make_unique<Loader>(dataset, make_transform(config, split), loader);
}

std::unique_ptr<Optimizer> make_optimizer(const OptimizerSection& section, const Module& network) {
  const std::vector<ParameterGroup> groups =
      parameter_groups(network, {.decay_norms = section.decay_norms,
                                 .decay_latents = section.decay_latents,
                                 .threshold_lr_factor = section.threshold_lr_factor});
  if (section.name == "sgd") {
    return std::make_unique<Sgd>(groups, SgdConfig{section.momentum, section.weight_decay, section.nesterov});
  }
  AdamConfig adam;
  adam.beta1 = section.betas.at(0);
  adam.beta2 = section.betas.at(1);
  adam.eps = section.eps;
  adam.weight_decay = section.weight_decay;
  adam.decoupled_weight_decay = section.name == "adamw";
  if (section.name == "muon") {
    return std::make_unique<Muon>(
        groups, MuonConfig{section.momentum, section.nesterov, section.adam_lr_factor, adam});
  }
  return std::make_unique<Adam>(groups, adam);
}

void apply_process_settings(const TrainConfig& config, const ProcessGroup& group) {
  use_threads(static_cast<int>(config.threads));
  if (config.threads == 0 && group.local_size() > 1) {
    set_thread_count(std::max(1, thread_count() / group.local_size()));
  }
  kernels::set_float_precision(config.precision == "bf16"   ? kernels::FloatPrecision::bf16
                               : config.precision == "tf32" ? kernels::FloatPrecision::tf32
                                                            : kernels::FloatPrecision::fp32);
}

Device device_of(const TrainConfig& config, const ProcessGroup& group) {
  const Device device = resolve_device(config.device);
  return device.type == DeviceType::cuda && !names_one_gpu(config) && group.local_size() > 1
             ? resolve_device(fmt::format("cuda:{}", group.local_rank()))
             : device;
}

BatchNormStatistics batch_norm_statistics(const TrainConfig& config) {
  return config.training.batch_norm == "synchronised" ? BatchNormStatistics::synchronised
                                                      : BatchNormStatistics::shard;
}

Reduction reduction_of(const TrainConfig& config) {
  return config.distributed.reduction == "nccl" ? Reduction::nccl : Reduction::tree;
}

void connect_gpus(const TrainConfig& config, Device device, ProcessGroup& group) {
  if (group.size() == 1) return;
  const bool has_own = device.type == DeviceType::cuda && (!names_one_gpu(config) || group.local_size() == 1);
  const bool all_have = agree_on_largest(group, has_own ? 0 : 1) == 0;
  const DistributedSection& section = config.distributed;
  if (section.backend != "mpi" && all_have) {
    group.set_gpus(connect_gpus(group, device, {section.timeout, reduction_of(config)}));
    return;
  }
  const bool needed = section.backend == "nccl" || section.reduction == "nccl";
  if (needed) group.set_failed_together();
  require<ConfigError>(
      !needed,
      "distributed.backend is {} and distributed.reduction {}, but NCCL needs a GPU for each "
      "process, and device is \"{}\"; device cuda gives each its own",
      section.backend, section.reduction, config.device);
}

ScheduleConfig make_schedule(const TrainConfig& config) {
  const ScheduleSection& section = config.schedule;
  ScheduleConfig schedule;
  schedule.kind = section.name == "cosine"   ? ScheduleKind::cosine
                  : section.name == "linear" ? ScheduleKind::linear
                  : section.name == "step"   ? ScheduleKind::step
                                             : ScheduleKind::constant;
  schedule.unit = section.per == "step" ? ScheduleUnit::step : ScheduleUnit::epoch;
  schedule.warmup_epochs = section.warmup;
  schedule.warmup_steps = section.warmup_steps;
  schedule.min_lr = section.min_lr;
  if (schedule.kind == ScheduleKind::step) schedule.decay_epochs = section.step_size;
  schedule.gamma = section.gamma;
  return schedule;
}

InitConfig make_init(const InitSection& section) {
  return {weight_init(section.conv, section.conv_std), weight_init(section.linear, section.linear_std)};
}

NetworkDefaults network_defaults(const TrainConfig& config) {
  NetworkDefaults defaults;
  const Shape image = config.input.image();
  defaults.input_size = Shape{image[0], image[1]};
  defaults.input_channels = image[2];
  defaults.weight_gradient = config.training.weight_gradient;
  return defaults;
}

NetworkConfig network_config(const TrainConfig& config, std::int64_t classes) {
  NetworkDefaults defaults = network_defaults(config);
  defaults.classes = classes;
  const Shape image = config.input.image();
  NetworkConfig network = parse_network_config(config.model.text, defaults);
  require<ConfigError>(network.classes == classes, "model.classes is {} but the data set has {} classes",
                       network.classes, classes);
  require<ConfigError>(network.image[0] == image[0] && network.image[1] == image[1],
                       "model.input_size is {}x{} but the images are {}x{} ({})", network.image[0],
                       network.image[1], image[0], image[1], config.input.size_fields());
  require<ConfigError>(network.image[2] == image[2],
                       "model: its number of input channels is {}, but input.channels is {}",
                       network.image[2], image[2]);
  return network;
}

std::unique_ptr<Module> make_teacher(const TrainingSection& training, const NetworkConfig& student) {
  if (training.teacher.empty()) return nullptr;
  LoadedModel teacher =
      training.teacher_model.is_given() ? import_teacher(training, student) : load_model(training.teacher);
  require<ConfigError>(teacher.graph.classes() == student.classes,
                       "training.teacher: {} knows {} classes, but the data set has {}", training.teacher,
                       teacher.graph.classes(), student.classes);
  const std::int64_t channels = teacher.graph.input().output[2];
  require<ConfigError>(channels == student.image[2],
                       "training.teacher: the number of input channels of {} is {}, but input.channels is {}",
                       training.teacher, channels, student.image[2]);
  teacher.network->train(training.teacher_mode == "train");
  return std::move(teacher.network);
}

}  // namespace tern
