#include "tern/apps/trainer.h"

#include <fmt/ranges.h>

#include <chrono>
#include <filesystem>

#include "tern/apps/config/training_parts.h"
#include "tern/apps/console/signals.h"
#include "tern/apps/report/report.h"
#include "tern/core/atomic_file.h"
#include "tern/core/device_choice.h"
#include "tern/core/error.h"
#include "tern/kernels/count_correct.h"
#include "tern/layers/functions/distillation_loss.h"
#include "tern/layers/functions/softmax_cross_entropy.h"
#include "tern/layers/ternary_convolution.h"
#include "tern/models/initialise.h"
#include "tern/models/model_file.h"
#include "tern/models/resnet.h"
#include "tern/training/evaluation.h"
#include "tern/training/require_finite.h"
#include "tern/training/training_step.h"

namespace tern {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLast = "last.safetensors";
constexpr const char* kBest = "best.safetensors";
constexpr const char* kStepKey = "step";
constexpr const char* kConfigKey = "config";

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void make_run_folder(const std::string& output, bool resume) {
  const bool has_checkpoint = fs::exists(fs::path(output) / kLast);
  const bool has_run = has_checkpoint || fs::exists(fs::path(output) / "metrics.csv");
  require<DataError>(resume || !has_run, "{}: holds a training run already; {}", output,
                     has_checkpoint ? "--resume goes on with it, another output starts anew"
                                    : "it ended before its first checkpoint: remove the folder");
  require<DataError>(!resume || has_checkpoint, "{}: there is no {} to resume from", output, kLast);
  std::error_code error;
  fs::create_directories(output, error);
  require<DataError>(!error, "{}: cannot create the output folder: {}", output, error.message());
}

std::vector<std::string> ternary_layers(const Module& network) {
  std::vector<std::string> layers;
  network.visit([&](const std::string& path, const ParameterContainer& module) {
    if (dynamic_cast<const TernaryConvolution*>(&module) != nullptr) layers.push_back(path);
  });
  return layers;
}

Tensor teacher_logits(Module& teacher, const Tensor& images) {
  const NoGrad no_grad;
  return teacher.forward(Variable(images)).value();
}

// Adds where it happened to an error from the depths of the network. Epochs and steps count from 1, as in the
// logs.
template <class Body>
void at_step(std::int64_t epoch, std::int64_t step, const Body& body) {
  try {
    body();
  } catch (const NumericError& error) {
    throw NumericError(
        fmt::format("epoch {}, step {}: {}; the last checkpoint is as it was. A lower optimizer.lr or "
                    "training.gradient_clip may help",
                    epoch, step, error.what()));
  }
}

}  // namespace

Trainer::Trainer(const TrainConfig& config, bool resume)
    : config_(config), device_(resolve_device(config.device)), schedule_(make_schedule(config)) {
  apply_process_settings(config_);
  training_set_ = make_dataset(config_, Split::train);
  validation_set_ = make_dataset(config_, Split::test);
  check_classes();
  network_config_ = network_config(config_, static_cast<std::int64_t>(training_set_->class_names().size()));
  training_loader_ = make_loader(config_, *training_set_, Split::train, device_);
  validation_loader_ = make_loader(config_, *validation_set_, Split::test, device_);
  network_ = make_resnet(network_config_);
  network_->to(device_);
  optimizer_ = make_optimizer(config_.optimizer, *network_);
  teacher_ = make_teacher(config_.training, network_config_);
  if (teacher_) teacher_->to(device_);
  make_run_folder(config_.output, resume);
  if (resume) {
    resume_from_last();
  } else {
    initialise(*network_, make_init(config_.init), static_cast<std::uint64_t>(config_.seed));
  }
  write_file_atomically(fs::path(config_.output) / "config.json", to_json(config_));
  log_ = std::make_unique<RunLog>(config_.output, ternary_layers(*network_),
                                  resume ? std::optional(progress_.step) : std::nullopt);
  display_ =
      std::make_unique<Progress>(config_.training.epochs, training_loader_->batch_count(), stderr_output());
}

Trainer::~Trainer() = default;

void Trainer::check_classes() const {
  require<DataError>(
      training_set_->class_names() == validation_set_->class_names(),
      "{}: training and validation images have different classes ({} and {}); both need the same "
      "class folders",
      config_.data.path, training_set_->class_names().size(), validation_set_->class_names().size());
}

void Trainer::resume_from_last() {
  const std::string path = config_.output + "/" + kLast;
  const LoadedModel last = load_model(path);
  load_weights(path, *network_);  // first: it lists every tensor that differs
  require<DataError>(to_json(last.config) == to_json(network_config_),
                     "{}: is a network of another architecture: {} instead of {}", path, to_json(last.config),
                     to_json(network_config_));
  const auto step = last.metadata.find(kStepKey);
  require<DataError>(step != last.metadata.end(),
                     "{}: metadata \"step\" is missing; not a checkpoint of a run", path);
  const RunState state = load_run_state(config_.output + "/state-" + step->second + ".safetensors");
  optimizer_->load_state(state.optimizer);
  progress_ = state.progress;
}

double Trainer::current_learning_rate() const {
  return learning_rate(schedule_, config_.optimizer.lr, progress_.step, training_loader_->batch_count(),
                       config_.training.epochs);
}

Variable Trainer::loss_of(const Variable& logits, const Batch& batch) {
  if (teacher_ == nullptr) {
    return softmax_cross_entropy(logits, batch.labels, static_cast<float>(config_.training.label_smoothing));
  }
  return distillation_loss(logits, teacher_logits(*teacher_, batch.images));
}

void Trainer::train_step(const Batch& batch) {
  const auto loss = [&](const Variable& logits) { return loss_of(logits, batch); };
  const StepResult step = training_step(*network_, *optimizer_, batch.images, loss,
                                        {current_learning_rate(), config_.training.gradient_clip});
  const std::int64_t count = batch.labels.numel();
  progress_.loss_sum += step.loss * static_cast<double>(count);
  progress_.correct += kernels::count_correct(step.logits, batch.labels, 1);
  progress_.samples += count;
  ++progress_.batch;
  ++progress_.step;
}

bool Trainer::train_epoch() {
  network_->train(true);
  training_loader_->start_epoch(progress_.epoch, progress_.batch);
  display_->start_epoch(progress_.epoch + 1, progress_.batch);
  double last_time = seconds_now();
  for (Batch batch; training_loader_->next(batch);) {
    at_step(progress_.epoch + 1, progress_.step + 1, [&] { train_step(batch); });
    const double now = seconds_now();
    progress_.seconds += now - last_time;
    last_time = now;
    const double samples = static_cast<double>(progress_.samples);
    const double loss = progress_.loss_sum / samples;
    const double accuracy = static_cast<double>(progress_.correct) / samples;
    display_->advance(progress_.batch, batch.labels.numel(), loss, accuracy);
    if (progress_.step % config_.log.every_steps == 0) {
      log_->event("step", progress_.step, {{"loss", loss}, {"accuracy", accuracy}});
    }
    const bool stop = stop_requested();
    const std::int64_t every = config_.checkpoint.every_steps;
    if (stop || (every > 0 && progress_.step % every == 0)) {
      at_step(progress_.epoch + 1, progress_.step, [&] { require_finite(*network_); });
      save_last();
    }
    if (stop) return false;
  }
  return true;
}

std::vector<double> Trainer::zero_fractions() const {
  std::vector<double> zeros;
  network_->visit([&](const std::string&, ParameterContainer& module) {
    if (const auto* conv = dynamic_cast<const TernaryConvolution*>(&module))
      zeros.push_back(conv->zero_fraction());
  });
  return zeros;
}

EpochMetrics Trainer::epoch_metrics(const Evaluation& validation) const {
  const double samples = static_cast<double>(progress_.samples);
  EpochMetrics row;
  row.epoch = progress_.epoch + 1;
  row.step = progress_.step;
  row.train_loss = progress_.loss_sum / samples;
  row.train_accuracy = static_cast<double>(progress_.correct) / samples;
  row.validation_loss = validation.loss;
  row.validation_accuracy = validation.accuracy();
  row.lr = learning_rate(schedule_, config_.optimizer.lr, progress_.step - 1, training_loader_->batch_count(),
                         config_.training.epochs);
  row.seconds = progress_.seconds;
  row.images_per_second = samples / progress_.seconds;
  row.zeros = zero_fractions();
  return row;
}

void Trainer::report_bad_images() {
  for (const Loader* loader : {training_loader_.get(), validation_loader_.get()}) {
    std::int64_t& reported = reported_bad_images_[loader == validation_loader_.get()];
    const BadImageLog& bad = loader->bad_images();
    if (bad.count() == reported) continue;
    reported = bad.count();
    display_->message(fmt::format("{} images cannot be decoded and are left out: {}", reported,
                                  fmt::join(bad.names(), ", ")));
  }
}

void Trainer::finish_epoch() {
  Evaluation validation;
  at_step(progress_.epoch + 1, progress_.step, [&] {
    require_finite(*network_);
    validation = evaluate(*network_, *validation_loader_, network_config_.classes);
  });
  const EpochMetrics row = epoch_metrics(validation);
  log_->epoch(row);
  report_bad_images();
  display_->message(fmt::format(
      "epoch {:>3}/{}  train loss {:.4f}  accuracy {:.2f} %  validation loss {:.4f}  accuracy {:.2f} %",
      row.epoch, config_.training.epochs, row.train_loss, 100 * row.train_accuracy, row.validation_loss,
      100 * row.validation_accuracy));
  progress_ = RunProgress{progress_.epoch + 1, 0, progress_.step, 0, 0, 0, progress_.best_accuracy, 0};
  const bool best = validation.accuracy() > progress_.best_accuracy;
  if (best) progress_.best_accuracy = validation.accuracy();
  if (best) save(kBest);  // first: a run killed before save_last repeats it, one killed after would not
  save_last();
  write_report(config_.output + "/report.html", fs::path(config_.output).filename(), log_->metrics(),
               to_json(config_));
}

void Trainer::save(const std::string& name) {
  Metadata metadata;
  add_to(metadata, ModelMetadata{config_.input, training_set_->class_names()});
  metadata[kConfigKey] = to_json(config_);
  metadata["epoch"] = std::to_string(progress_.epoch);
  metadata[kStepKey] = std::to_string(progress_.step);
  save_model(config_.output + "/" + name, *network_, network_config_, metadata);
}

void Trainer::save_last() {
  save_run_state(state_path(config_.output, progress_.step), progress_, optimizer_->state());
  save(kLast);
  remove_old_states(config_.output, progress_.step);
}

bool Trainer::run() {
  display_->message("device: " + describe(device_));
  if (config_.device == "auto") {
    for (const DeviceInfo& info : available_devices()) {
      if (!info.problem.empty()) display_->message("left out: " + info.problem);
    }
  }
  while (progress_.epoch < config_.training.epochs) {
    if (!train_epoch()) {
      display_->message("stopped; --resume goes on from here");
      return false;
    }
    finish_epoch();
  }
  return true;
}

}  // namespace tern
