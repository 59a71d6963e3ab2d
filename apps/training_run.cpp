#include "tern/apps/training_run.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <vector>

#include "tern/apps/config/class_weights.h"
#include "tern/apps/config/resume_check.h"
#include "tern/apps/config/training_parts.h"
#include "tern/apps/console/program.h"
#include "tern/apps/console/signals.h"
#include "tern/apps/inputs/class_names.h"
#include "tern/apps/inputs/describe_data.h"
#include "tern/apps/whiten_network.h"
#include "tern/core/byte_source.h"
#include "tern/core/crc32.h"
#include "tern/core/device_choice.h"
#include "tern/core/error.h"
#include "tern/core/quote.h"
#include "tern/data/check_samples.h"
#include "tern/distributed/agree.h"
#include "tern/models/initialise.h"
#include "tern/models/model_file.h"
#include "tern/models/model_metadata.h"
#include "tern/models/warm_start.h"
#include "tern/training/sharded_step.h"

namespace tern {
namespace {

/// RunFolder refuses the same, without knowing of the program's options.
void check_output(const std::string& output, bool resume) {
  require<DataError>(resume || !RunFolder::has_checkpoint(output),
                     "{}: holds a training run already; --resume goes on with it, another output starts anew",
                     output);
}

/// The run would write over its teacher.
void check_teacher(const TrainConfig& config) {
  for (const char* name : {"last.safetensors", "best.safetensors"}) {
    std::error_code ignored;  // one of the files does not exist
    require<ConfigError>(
        !std::filesystem::equivalent(config.output + "/" + name, config.training.teacher, ignored),
        "training.teacher: {}: is a file of this run, which writes over it; copy it first",
        config.training.teacher);
  }
}

/// "fc.weight, fc.bias", the first few of them.
std::string first_of(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 4;
  const auto shown = std::min(names.size(), kShown);
  return names.empty() ? ""
                       : fmt::format(" ({}{})", fmt::join(names.begin(), names.begin() + shown, ", "),
                                     names.size() > shown ? ", ..." : "");
}

std::string describe(const WarmStart& start) {
  return fmt::format("{} tensors taken, {} made anew{}, {} left{}", start.taken.size(), start.kept.size(),
                     first_of(start.kept), start.left.size(), first_of(start.left));
}

/// "cat 0.5, dog 2, ..."
std::string describe(const Tensor& class_weights, const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 10;
  std::vector<std::string> parts;
  for (std::size_t k = 0; k < std::min(names.size(), kShown); ++k) {
    parts.push_back(fmt::format("{} {:.4g}", names[k], class_weights.data<float>()[k]));
  }
  if (names.size() > kShown) parts.emplace_back("...");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::int64_t crc_of(const std::string& text) {
  return crc32(0, text.data(), text.size());
}

std::int64_t crc_of_file(const char* path) {
  const std::unique_ptr<ByteSource> file = open_file(path);
  std::vector<char> block(std::size_t{1} << 20);
  std::uint32_t crc = 0;
  for (std::uint64_t read = 0; read < file->size(); read += block.size()) {
    block.resize(std::min<std::uint64_t>(block.size(), file->size() - read));
    file->read(read, block.data(), block.size());
    crc = crc32(crc, block.data(), block.size());
  }
  return crc;
}

/// Checkpoints that say what the network is and what it was trained with.
ModelWriter model_writer(const TrainConfig& config, const NetworkConfig& network_config,
                         const Dataset& training, const Dataset& validation) {
  Metadata metadata;
  add_to(metadata, ModelMetadata{config.input, training.class_names()});
  add_run_record(metadata, config, training, validation);
  return [metadata, network_config](const std::string& path, const Module& network, Metadata position) {
    position.insert(metadata.begin(), metadata.end());
    save_checkpoint(path, network, network_config.image, &network_config, std::move(position));
  };
}

}  // namespace

TrainingRun::TrainingRun(const TrainConfig& config, bool resume, const std::vector<std::string>& forced,
                         ProcessGroup& group)
    : config_(config), group_(group) {
  together(group_, [&] { set_up(resume, forced); });
  check_equal();
  connect_gpus(config_, device_, group_);
  make_trainer();
}

void TrainingRun::set_up(bool resume, const std::vector<std::string>& forced) {
  check_ranks(config_.training.shards, group_.size(), reduction_of(config_));
  device_ = device_of(config_, group_);
  apply_process_settings(config_, group_);
  DataSets data = make_datasets(config_);
  training_set_ = std::move(data.training);
  validation_set_ = std::move(data.validation);
  if (group_.rank() == 0) print_error_line(describe_data(*training_set_, *validation_set_));
  check_classes();
  network_config_ = network_config(config_, static_cast<std::int64_t>(training_set_->class_names().size()));
  training_loader_ = make_loader(config_, *training_set_, Split::train, device_, group_);
  validation_loader_ = make_loader(config_, *validation_set_, Split::test, device_, group_);
  network_ = network_config_.make();
  network_->to(device_);
  optimizer_ = make_optimizer(config_.optimizer, *network_);
  teacher_ = make_teacher(config_.training, network_config_);
  if (teacher_) teacher_->to(device_);
  class_weights_ = class_weights(config_.training, *training_set_);
  if (class_weights_.defined()) {
    start_messages_.push_back("class weights: " + describe(class_weights_, training_set_->class_names()));
    class_weights_ = class_weights_.to(device_);
  }
  if (group_.rank() != 0) return;
  if (config_.data.check_images) check_images();
  open_folder(resume, forced);
  display_.emplace(config_.training.epochs, *training_loader_, *validation_loader_, *folder_,
                   to_json(config_), training_set_->class_names());
}

void TrainingRun::make_trainer() {
  trainer_.emplace(TrainerParts{.network = *network_,
                                .optimizer = *optimizer_,
                                .training = *training_loader_,
                                .validation = *validation_loader_,
                                .loss = loss(),
                                .observer = display_ ? &*display_ : nullptr,
                                .folder = folder_ ? &*folder_ : nullptr,
                                .stop = stop_requested,
                                .save = take_save_request,
                                .group = &group_},
                   trainer_options());
}

void TrainingRun::check_equal() const {
  if (group_.size() == 1) return;  // nobody to compare with
  require_equal(group_, "the version of this program", crc_of_file("/proc/self/exe"));
  require_equal(group_, "the configuration", crc_of(to_json(config_)));
  require_equal(group_, "the set of training images", training_set_->fingerprint());
  require_equal(group_, "the set of validation images", validation_set_->fingerprint());
}

void TrainingRun::check_classes() const {
  const std::vector<std::string>& names = training_set_->class_names();
  const std::string difference = describe_class_difference(
      names, "the training images", validation_set_->class_names(), "the validation images");
  require<DataError>(difference.empty(),
                     "{}: training and validation images have different classes: {}; both need the same "
                     "class folders",
                     config_.data.path, difference);
  require<DataError>(names.size() >= 2,
                     "{}: there is one class alone, {}: nothing can be learned. Each class needs a folder of "
                     "its own in {}; are they one level deeper?",
                     config_.data.path, quote(names.front()), config_.data.train);
}

/// Of all images, before the first step: what is found later costs training.
void TrainingRun::check_images() const {
  for (const Split split : {Split::train, Split::test}) {
    check_samples(split == Split::train ? *training_set_ : *validation_set_, make_transform(config_, split),
                  bad_image_policy(config_, split), static_cast<int>(config_.data.workers), stop_requested);
  }
}

void TrainingRun::open_folder(bool resume, const std::vector<std::string>& forced) {
  check_output(config_.output, resume);
  check_teacher(config_);
  folder_.emplace(config_.output, resume ? RunStart::resume : RunStart::anew,
                  RunFolderOptions{to_json(config_),
                                   model_writer(config_, network_config_, *training_set_, *validation_set_),
                                   config_.log.tensorboard});
  if (resume) {
    check_last_model(forced);
  } else {
    initialise(*network_, make_init(config_.init), static_cast<std::uint64_t>(config_.seed));
    const std::int64_t whitening = whiten_network(*network_, config_, *training_set_);
    if (whitening > 0) start_messages_.push_back(fmt::format("whitening: by {} images", whitening));
    if (!config_.init.from.empty()) start_from_checkpoint();
  }
}

void TrainingRun::start_from_checkpoint() {
  const std::string& path = config_.init.from;
  const LoadedModel source = load_model(path);
  require<DataError>(!source.merged(),
                     "init.from: {}: is a merged network; give the checkpoint it was made of", path);
  try {
    const WarmStart start =
        warm_start(*network_, trace_graph(*network_, network_config_.image), *source.network);
    start_messages_.push_back(fmt::format("init.from: {}: {}", path, describe(start)));
  } catch (const Error& error) {
    throw DataError(fmt::format("init.from: {}: {}", path, error.what()));
  }
}

void TrainingRun::check_last_model(const std::vector<std::string>& forced) const {
  const std::string path = folder_->last_model();
  const LoadedModel last = load_model(path);
  check_resume(last.metadata, path, config_, *training_set_, *validation_set_, forced);
  load_weights(path, *network_);  // before the architectures: it lists every tensor that differs
  const std::string network = last.config ? last.config->json : "a merged network";
  require<DataError>(network == network_config_.json,
                     "{}: is a network of another architecture: {} instead of {}", path, network,
                     network_config_.json);
}

TrainerOptions TrainingRun::trainer_options() const {
  return {.epochs = config_.training.epochs,
          .patience = config_.training.patience,
          .lr = config_.optimizer.lr,
          .schedule = make_schedule(config_),
          .gradient_clip = config_.training.gradient_clip,
          .ema_decay = config_.training.ema_decay,
          .shards = config_.training.shards,
          .batch_norm = batch_norm_statistics(config_),
          .cuda_graph = config_.training.cuda_graph,
          .log_every_steps = config_.log.every_steps,
          .checkpoint_every_steps = config_.checkpoint.every_steps};
}

Loss TrainingRun::loss() const {
  const TrainingSection& training = config_.training;
  const Loss labels = cross_entropy_loss(static_cast<float>(training.label_smoothing), class_weights_);
  if (!teacher_) return labels;
  const Loss teacher = teacher_loss(*teacher_, static_cast<float>(training.temperature));
  const auto weight = static_cast<float>(training.distillation_weight);
  return weight < 1 ? mixed_loss(weight, teacher, labels) : teacher;
}

void TrainingRun::message(const std::string& text) {
  if (display_) display_->message(text);
}

bool TrainingRun::run() {
  message("device: " + describe(device_));
  if (group_.size() > 1) {
    message(fmt::format("processes: {}{}", group_.size(),
                        group_.gpus() == nullptr ? "" : ", their GPUs connected by NCCL"));
  }
  for (const std::string& text : start_messages_) message(text);
  if (config_.device == "auto") {
    for (const DeviceInfo& info : available_devices()) {
      if (!info.problem.empty()) message("left out: " + info.problem);
    }
  }
  if (display_) display_->write_report();
  const std::int64_t first_epoch = trainer_->progress().epoch;
  try {
    const bool finished = trainer_->run();
    if (trainer_->stopped_early()) {
      if (display_) display_->stopped_early(trainer_->progress());
    } else if (finished && first_epoch >= config_.training.epochs) {
      message(fmt::format("{}: all {} epochs are done already; a larger training.epochs trains on",
                          config_.output, first_epoch));
    }
    if (!finished) message("stopped; --resume goes on from here");
    return finished;
  } catch (const NumericError& error) {
    throw NumericError(fmt::format(
        "{}; the last checkpoint is as it was. A lower optimizer.lr or training.gradient_clip may "
        "help",
        error.what()));
  }
}

}  // namespace tern
