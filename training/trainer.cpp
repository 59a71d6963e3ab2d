#include "tern/training/trainer.h"

#include <chrono>

#include "tern/core/error.h"
#include "tern/models/zero_fractions.h"
#include "tern/training/require_finite.h"
#include "tern/training/training_step.h"

namespace tern {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Adds where it happened to an error from the depths of the network. Epochs and steps count from 1, as in
/// the logs.
template <class Body>
void at_step(std::int64_t epoch, std::int64_t step, const Body& body) {
  try {
    body();
  } catch (const NumericError& error) {
    throw NumericError(fmt::format("epoch {}, step {}: {}", epoch, step, error.what()));
  }
}

}  // namespace

Trainer::Trainer(const TrainerParts& parts, const TrainerOptions& options)
    : parts_(parts), options_(options), observer_(parts.observer == nullptr ? silent_ : *parts.observer) {
  learning_rate_at(0);  // throws if the schedule does not fit
  if (options_.ema_decay > 0) average_.emplace(parts_.network, options_.ema_decay);
  if (parts_.folder != nullptr) {
    progress_ = parts_.folder->open(parts_.network, parts_.optimizer, average());
    saved_step_ = progress_.step;
  }
}

bool Trainer::run() {
  while (progress_.epoch < options_.epochs) {
    if (parts_.stop() || !train_epoch() || !finish_epoch()) return false;
  }
  if (average_) average_->copy_to_network();
  return true;
}

double Trainer::learning_rate_at(std::int64_t step) const {
  return learning_rate(options_.schedule, options_.lr, step, parts_.training.batch_count(), options_.epochs);
}

void Trainer::train_step(const Batch& batch) {
  const StepResult step = training_step(parts_.network, parts_.optimizer, batch, parts_.loss,
                                        {learning_rate_at(progress_.step), options_.gradient_clip});
  const std::int64_t count = batch.labels.numel();
  progress_.loss_sum += step.loss * static_cast<double>(count);
  progress_.correct += step.correct;
  progress_.samples += count;
  ++progress_.batch;
  ++progress_.step;
  if (average_) average_->update(progress_.step);
}

bool Trainer::train_epoch() {
  parts_.network.train(true);
  parts_.training.start_epoch(progress_.epoch, progress_.batch);
  observer_.epoch_started(progress_);
  double last_time = seconds_now();
  for (Batch batch; parts_.training.next(batch);) {
    at_step(progress_.epoch + 1, progress_.step + 1, [&] { train_step(batch); });
    const double now = seconds_now();
    progress_.seconds += now - last_time;
    last_time = now;
    observer_.step_done(progress_, batch.labels.numel());
    if (parts_.folder != nullptr && progress_.step % options_.log_every_steps == 0) {
      parts_.folder->log().event("step", progress_.step,
                                 {{"loss", progress_.mean_loss()}, {"accuracy", progress_.accuracy()}});
    }
    const bool stop = parts_.stop();
    const std::int64_t every = options_.checkpoint_every_steps;
    if (parts_.save() || stop || (every > 0 && progress_.step % every == 0)) {
      at_step(progress_.epoch + 1, progress_.step, [&] { require_finite(parts_.network); });
      const WithAverage with_average(average());
      save_last();
    }
    if (stop) return false;
  }
  return true;
}

EpochMetrics Trainer::epoch_metrics(const Evaluation& validation) const {
  EpochMetrics row;
  row.epoch = progress_.epoch + 1;
  row.step = progress_.step;
  row.train_loss = progress_.mean_loss();
  row.train_accuracy = progress_.accuracy();
  row.validation_loss = validation.loss;
  row.validation_accuracy = validation.accuracy();
  row.lr = learning_rate_at(progress_.step - 1);
  row.seconds = progress_.seconds;
  row.images_per_second = static_cast<double>(progress_.samples) / progress_.seconds;
  for (const LayerZeros& layer : zero_fractions(parts_.network)) row.zeros.push_back(layer.fraction);
  return row;
}

bool Trainer::finish_epoch() {
  std::optional<Evaluation> validation;
  at_step(progress_.epoch + 1, progress_.step, [&] { require_finite(parts_.network); });
  const WithAverage with_average(average());
  if (saved_step_ != progress_.step) save_last();  // before the validation, which may fail
  at_step(progress_.epoch + 1, progress_.step,
          [&] { validation = evaluate_unless(parts_.stop, parts_.network, parts_.validation); });
  if (!validation) return false;
  const EpochMetrics metrics = epoch_metrics(*validation);
  const bool best = validation->accuracy() > progress_.best_accuracy;
  progress_ = RunProgress{.epoch = progress_.epoch + 1,
                          .step = progress_.step,
                          .best_accuracy = best ? validation->accuracy() : progress_.best_accuracy};
  if (parts_.folder != nullptr) {
    parts_.folder->save_epoch(parts_.network, parts_.optimizer, progress_, metrics, best, average());
  }
  observer_.epoch_done(metrics);
  if (parts_.folder != nullptr) observer_.epoch_saved(metrics);
  return true;
}

void Trainer::save_last() {
  if (parts_.folder == nullptr) return;
  parts_.folder->save_last(parts_.network, parts_.optimizer, progress_, average());
  saved_step_ = progress_.step;
}

}  // namespace tern
