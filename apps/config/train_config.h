// The configuration of a training run. Each member is declared for the file, with its limits and its help, in
// train_config.cpp; the values here are the defaults, those of the official recipe where it has one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tern/apps/config/config_field.h"
#include "tern/core/usable_cpus.h"
#include "tern/models/input_section.h"

namespace tern {

struct DataSection {
  std::string format;
  std::string path;
  std::string train = "train";
  std::string validation = "test";
  double validation_split = 0.0;
  std::string path_column = "path";
  std::string label_column = "label";
  bool balanced = false;
  std::string bad_images = "skip";
  std::string validation_bad_images = "fail";
  std::int64_t workers = std::min(2, default_threads());
  std::int64_t cache_mb = 1024;
  std::int64_t max_megapixels = 100;
  bool dct_scaling = false;
  bool check_images = true;
};

/// Of the training images alone; a model file does not tell of it.
struct AugmentationSection {
  std::string padding_mode = "zero";
  std::string flip_mode = "random";
  std::vector<double> color_jitter = {0.0, 0.0, 0.0, 0.0};
  bool trivial_augment = false;
  std::int64_t cutout = 0;
  double erasing = 0.0;
  double mixup = 0.0;
  double cutmix = 0.0;
};

struct TrainingSection {
  std::int64_t epochs = 256;
  std::int64_t patience = 0;
  std::int64_t batch_size = 256;
  std::int64_t shards = 1;
  std::string batch_norm = "shard";
  std::string loss = "cross_entropy";
  double distillation_weight = 1.0;
  double temperature = 1.0;
  double label_smoothing = 0.0;
  FreeJson class_weights;  // a string or the weights of named classes
  double gradient_clip = 0.0;
  double ema_decay = 0.0;
  bool cuda_graph = true;
  std::string weight_gradient = "official";
  std::string teacher;
  FreeJson teacher_model;
  std::string teacher_mode = "eval";
};

struct InitSection {
  std::string from;
  std::string conv = "fan_in";
  double conv_std = 0.0;
  std::string linear = "fan_in";
  double linear_std = 0.0;
  std::int64_t whitening_images = 5000;
};

struct OptimizerSection {
  std::string name = "adam";
  double lr = 0.005;
  std::vector<double> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0.0;
  bool decay_norms = false;
  bool decay_latents = false;
  double threshold_lr_factor = 1.0;
  double momentum = 0.9;
  bool nesterov = false;
  double adam_lr_factor = 1.0;
};

struct ScheduleSection {
  std::string name = "cosine";
  std::string per = "epoch";
  double warmup = 0.0;
  std::int64_t warmup_steps = 0;
  double min_lr = 0.0;
  std::int64_t step_size = 0;
  double gamma = 0.1;
};

struct LogSection {
  std::int64_t every_steps = 50;
  bool tensorboard = false;
};

struct CheckpointSection {
  std::int64_t every_steps = 0;
};

struct DistributedSection {
  double timeout = 60.0;
  std::string backend = "auto";
  std::string reduction = "tree";
};

struct TrainConfig {
  std::int64_t seed = 1;
  std::string device = "auto";
  std::int64_t threads = 0;
  std::string precision = "fp32";
  std::string output;
  DataSection data;
  InputSection input;
  AugmentationSection augmentation;
  FreeJson model;  // the models library reads it
  TrainingSection training;
  InitSection init;
  OptimizerSection optimizer;
  ScheduleSection schedule;
  LogSection log;
  CheckpointSection checkpoint;
  DistributedSection distributed;
};

/// Reads the file `path` and applies the overrides "a.b=value" of --set. Throws ConfigError naming the key,
/// or DataError if the file cannot be read.
TrainConfig load_train_config(const std::string& path, const std::vector<std::string>& overrides = {});

/// The same from a text, named `source` in errors; this reads the configuration that a checkpoint carries.
TrainConfig parse_train_config(const std::string& text, const std::string& source,
                               const std::vector<std::string>& overrides = {});

/// Every field with its resolved value; parse_train_config gives the same configuration back.
std::string to_json(const TrainConfig& config);

/// The text of --help-config: type, limits, default and help of every field, or of those of a section
/// ("training") with an example of it; no line longer than `columns` where words allow. Throws ConfigError
/// for a name that is none.
std::string train_config_help(int columns, const std::string& section = "");

}  // namespace tern
