#include "tern/apps/config/train_config_check.h"

#include <algorithm>
#include <cmath>

#include "tern/core/device_choice.h"
#include "tern/core/error.h"

namespace tern {
namespace {

void check_run(const TrainConfig& run, const std::string& source) {
  require<ConfigError>(is_device_name(run.device),
                       "{}: device: expected auto, cpu, cuda or cuda:N, got \"{}\"", source, run.device);
  require<ConfigError>(!run.output.empty(), "{}: output: expected the path of a folder, got \"\"", source);
  require<ConfigError>(!run.data.path.empty(), "{}: data.path: expected the path of a folder, got \"\"",
                       source);
}

void check_data(const DataSection& data, const std::string& source) {
  const bool validation_is_given = data.validation != DataSection{}.validation;
  require<ConfigError>(
      data.validation_split == 0 || !validation_is_given,
      "{}: data.validation is \"{}\", but with data.validation_split {} it is not read; leave "
      "one of them out",
      source, data.validation, data.validation_split);
}

void check_input(const InputSection& input, const std::string& source) {
  const std::string problem = input_problem(input);
  require<ConfigError>(problem.empty(), "{}: input.{}", source, problem);
  require<ConfigError>(input.padding == 0 || input.crop == "random",
                       "{}: input.padding is {}, but only input.crop \"random\" pads; input.crop is \"{}\"",
                       source, input.padding, input.crop);
  const Shape image = input.image();
  const std::int64_t shorter = std::min(image[0], image[1]);
  const bool crops_resized = input.resize > 0 && input.crop != "random_resized";
  const std::int64_t side = input.resize + 2 * input.padding;
  require<ConfigError>(!crops_resized || side >= shorter,
                       "{}: {}: a crop of {}x{} does not fit into images whose shorter side is {} "
                       "(input.resize {} + 2 * input.padding {})",
                       source, input.size_fields(), image[0], image[1], side, input.resize, input.padding);
  require<ConfigError>(input.crop != "none" || input.resize == 0 || input.resize == shorter,
                       "{}: input.resize is {} but the shorter side of the network's input is {}; without a "
                       "crop they must be equal (or set input.crop)",
                       source, input.resize, shorter);
}

void check_augmentation(const TrainConfig& config, const std::string& source) {
  const AugmentationSection& augmentation = config.augmentation;
  require<ConfigError>(
      augmentation.padding_mode == "zero" || config.input.padding > 0,
      "{}: augmentation.padding_mode is \"{}\", but input.padding is 0; set it to some pixels", source,
      augmentation.padding_mode);
  require<ConfigError>(augmentation.flip_mode == "random" || config.input.flip,
                       "{}: augmentation.flip_mode is \"{}\", but input.flip is false; set it to true",
                       source, augmentation.flip_mode);
  const Shape image = config.input.image();
  require<ConfigError>(augmentation.cutout <= std::min(image[0], image[1]),
                       "{}: augmentation.cutout is {}, more than the images' {}x{} ({})", source,
                       augmentation.cutout, image[0], image[1], config.input.size_fields());
  require<ConfigError>(augmentation.color_jitter[3] <= 0.5,
                       "{}: augmentation.color_jitter: the hue, its last number, is {}; the most is 0.5",
                       source, augmentation.color_jitter[3]);
}

std::string divisors_of(std::int64_t number) {
  std::string divisors;
  for (std::int64_t d = 1; d <= number; ++d) {
    if (number % d == 0) divisors += fmt::format("{}{}", divisors.empty() ? "" : ", ", d);
  }
  return divisors;
}

void check_shards(const TrainingSection& training, const std::string& source) {
  const std::int64_t batch = training.batch_size, shards = training.shards;
  require<ConfigError>(shards <= batch, "{}: training.shards is {}, but a batch has {} images", source,
                       shards, batch);
  const std::int64_t below = batch / shards * shards;
  require<ConfigError>(
      batch % shards == 0,
      "{}: training.batch_size {} cannot be cut into training.shards {} equal parts; a batch of "
      "{} or {} can, or {} shards",
      source, batch, shards, below, below + shards, divisors_of(batch));
}

void check_loss(const TrainingSection& training, const std::string& source) {
  const bool distills = training.loss == "distillation";
  require<ConfigError>(!distills || !training.teacher.empty(),
                       "{}: training.loss \"distillation\" needs training.teacher, the path of a checkpoint",
                       source);
  require<ConfigError>(distills || training.teacher.empty(),
                       "{}: training.teacher is given, but training.loss \"{}\" does not use it; set "
                       "training.loss to \"distillation\"",
                       source, training.loss);
  require<ConfigError>(!training.teacher_model.is_given() || !training.teacher.empty(),
                       "{}: training.teacher_model is given, but training.teacher is not; set it to the path "
                       "of the state dict",
                       source);
  const bool uses_labels = !distills || training.distillation_weight < 1.0;
  require<ConfigError>(uses_labels || training.label_smoothing == 0.0,
                       "{}: training.label_smoothing is {}, but distillation of training.distillation_weight "
                       "1 uses no labels; set one of them lower",
                       source, training.label_smoothing);
  require<ConfigError>(
      uses_labels || !training.class_weights.is_given(),
      "{}: training.class_weights is given, but distillation of training.distillation_weight "
      "1 uses no labels; set it lower",
      source);
  require<ConfigError>(distills || training.distillation_weight == 1.0,
                       "{}: training.distillation_weight is {}, but training.loss \"{}\" has no teacher; set "
                       "training.loss to \"distillation\"",
                       source, training.distillation_weight, training.loss);
  require<ConfigError>(distills || training.temperature == 1.0,
                       "{}: training.temperature is {}, but training.loss \"{}\" has no teacher; set "
                       "training.loss to \"distillation\"",
                       source, training.temperature, training.loss);
}

void check_init(const std::string& layer, const std::string& rule, double deviation,
                const std::string& source) {
  require<ConfigError>((rule == "constant") == (deviation > 0.0),
                       "{}: init.{} is \"{}\" but init.{}_std is {}; \"constant\" needs a standard deviation "
                       "> 0, the other rules take none",
                       source, layer, rule, layer, deviation);
}

void check_schedule(const TrainConfig& config, const std::string& source) {
  const ScheduleSection& schedule = config.schedule;
  require<ConfigError>(
      (schedule.name == "step") == (schedule.step_size > 0),
      "{}: schedule.name is \"{}\" but schedule.step_size is {}; \"step\" needs one > 0, the "
      "others take none",
      source, schedule.name, schedule.step_size);
  require<ConfigError>(schedule.warmup < static_cast<double>(config.training.epochs),
                       "{}: schedule.warmup: {} epochs of warm-up leave none of the {} epochs for training",
                       source, schedule.warmup, config.training.epochs);
  require<ConfigError>(schedule.warmup == 0 || schedule.warmup_steps == 0,
                       "{}: schedule.warmup is {} and schedule.warmup_steps is {}; set one of them to 0",
                       source, schedule.warmup, schedule.warmup_steps);
  const bool whole_epochs = schedule.warmup == std::floor(schedule.warmup) && schedule.warmup_steps == 0;
  require<ConfigError>(
      schedule.per == "step" || whole_epochs,
      "{}: schedule.warmup is {} epochs and schedule.warmup_steps is {}, but a rate that changes per epoch "
      "warms up in whole epochs; set schedule.per to \"step\"",
      source, schedule.warmup, schedule.warmup_steps);
  require<ConfigError>(schedule.min_lr <= config.optimizer.lr,
                       "{}: schedule.min_lr: {} is above optimizer.lr {}", source, schedule.min_lr,
                       config.optimizer.lr);
}

}  // namespace

void check_train_config(const TrainConfig& config, const std::string& source) {
  check_run(config, source);
  check_data(config.data, source);
  check_input(config.input, source);
  check_augmentation(config, source);
  check_shards(config.training, source);
  check_loss(config.training, source);
  check_init("conv", config.init.conv, config.init.conv_std, source);
  check_init("linear", config.init.linear, config.init.linear_std, source);
  check_schedule(config, source);
  const OptimizerSection& optimizer = config.optimizer;
  const bool muon = optimizer.name == "muon";
  require<ConfigError>(
      !optimizer.nesterov || ((muon || optimizer.name == "sgd") && optimizer.momentum > 0.0),
      "{}: optimizer.nesterov needs optimizer.name \"sgd\" or \"muon\" and optimizer.momentum > 0", source);
  require<ConfigError>(!muon || optimizer.momentum > 0.0,
                       "{}: optimizer.momentum is 0, but \"muon\" is made of momentum; set 0.95", source);
  require<ConfigError>(muon || optimizer.adam_lr_factor == 1.0,
                       "{}: optimizer.adam_lr_factor is {}, but optimizer.name is \"{}\"; it is for \"muon\"",
                       source, optimizer.adam_lr_factor, optimizer.name);
}

}  // namespace tern
