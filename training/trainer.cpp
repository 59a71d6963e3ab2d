#include "tern/training/trainer.h"

#include <chrono>

#include "tern/core/error.h"
#include "tern/distributed/agree.h"
#include "tern/models/zero_fractions.h"
#include "tern/training/require_finite.h"
#include "tern/training/shared_state.h"
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
  } catch (const PeerFailure& error) {
    throw PeerFailure(fmt::format("epoch {}, step {}: {}", epoch, step, error.what()));
  }
}

}  // namespace

Trainer::Trainer(const TrainerParts& parts, const TrainerOptions& options)
    : parts_(parts),
      options_(options),
      observer_(parts.observer == nullptr ? silent_ : *parts.observer),
      group_(parts.group == nullptr ? alone_ : *parts.group) {
  learning_rate_at(0);  // throws if the schedule does not fit
  if (options_.cuda_graph) {
    graph_.emplace(parts_.network, [this](const std::string& reason) { observer_.graph_given_up(reason); });
  }
  if (options_.shards > 1 || group_.size() > 1) {
    sharded_.emplace(
        parts_.network, parts_.optimizer, options_.shards, group_, [this] { return next_batch(); },
        options_.batch_norm, graph());
  }
  if (options_.ema_decay > 0) average_.emplace(parts_.network, options_.ema_decay);
  together(group_, [&] {
    if (parts_.folder != nullptr) {
      progress_ = parts_.folder->open(parts_.network, parts_.optimizer, average());
    }
  });
  if (group_.size() > 1) share_state(group_, parts_.network, parts_.optimizer, average(), progress_);
  saved_step_ = parts_.group != nullptr || parts_.folder != nullptr ? progress_.step : -1;
}

bool Trainer::run() {
  while (progress_.epoch < options_.epochs && !stopped_early()) {
    if (parts_.stop() || !train_epoch() || !finish_epoch()) return false;
  }
  if (stopped_early()) {
    together(group_, [&] {
      if (parts_.folder != nullptr) parts_.folder->log().early_stop(progress_);
    });
  }
  if (average_) average_->copy_to_network();
  return true;
}

double Trainer::learning_rate_at(std::int64_t step) const {
  return learning_rate(options_.schedule, options_.lr, step, parts_.training.batch_count(), options_.epochs);
}

Batch Trainer::next_batch() {
  Batch batch;
  require<Error>(parts_.training.next(batch), "the loader gave fewer batches, or shards, than an epoch has");
  return batch;
}

/// Of all processes.
StepResult Trainer::train_step() {
  const StepOptions options{learning_rate_at(progress_.step), options_.gradient_clip};
  const StepResult step =
      sharded_ ? sharded_->run(parts_.loss, options)
               : training_step(parts_.network, parts_.optimizer, next_batch(), parts_.loss, options, graph());
  progress_.loss_sum += step.loss * static_cast<double>(step.samples);
  progress_.correct += step.correct;
  progress_.samples += step.samples;
  ++progress_.batch;
  ++progress_.step;
  if (average_) average_->update(progress_.step);
  return step;
}

bool Trainer::train_epoch() {
  parts_.network.train(true);
  parts_.training.start_epoch(progress_.epoch, progress_.batch);
  observer_.epoch_started(progress_);
  double last_time = seconds_now();
  while (progress_.batch < parts_.training.batch_count()) {
    StepResult step;
    group_.set_place(fmt::format("epoch {}, step {}", progress_.epoch + 1, progress_.step + 1));
    at_step(progress_.epoch + 1, progress_.step + 1, [&] { step = train_step(); });
    const double now = seconds_now();
    progress_.seconds += now - last_time;
    last_time = now;
    together(group_, [&] {
      observer_.step_done(progress_, step.samples);
      const bool is_last = progress_.batch == parts_.training.batch_count();
      if (parts_.folder != nullptr && (is_last || progress_.step % options_.log_every_steps == 0)) {
        parts_.folder->record_step(progress_, step, learning_rate_at(progress_.step - 1));
      }
    });
    const Request request = agreed_request();
    const std::int64_t every = options_.checkpoint_every_steps;
    if (request != Request::nothing || (every > 0 && progress_.step % every == 0)) {
      check_finite();
      const WithAverage with_average(average());
      save_last();
    }
    if (request == Request::stop) return false;
  }
  return true;
}

/// What one of the processes was asked for.
Trainer::Request Trainer::agreed_request() {
  const bool save = parts_.save();
  const Request own = parts_.stop() ? Request::stop : save ? Request::save : Request::nothing;
  return static_cast<Request>(agree_on_largest(group_, static_cast<std::int64_t>(own)));
}

/// What rank 0 saves is not only finite there: its running statistics are those of the first shard.
void Trainer::check_finite() {
  if (group_.size() > 1) share_buffers(group_, parts_.network);
  at_step(progress_.epoch + 1, progress_.step, [&] { require_finite(parts_.network); });
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
  check_finite();
  const WithAverage with_average(average());
  if (average_ && group_.size() > 1) share_buffers(group_, parts_.network);
  if (saved_step_ != progress_.step) save_last();  // before the validation, which may fail
  group_.set_place(fmt::format("validation after epoch {}", progress_.epoch + 1));
  at_step(progress_.epoch + 1, progress_.step,
          [&] { validation = evaluate_unless(parts_.stop, parts_.network, parts_.validation, group_); });
  if (!validation) return false;
  const EpochMetrics metrics = epoch_metrics(*validation);
  const bool best = validation->accuracy() > progress_.best_accuracy;
  progress_ = RunProgress{.epoch = progress_.epoch + 1,
                          .step = progress_.step,
                          .best_accuracy = best ? validation->accuracy() : progress_.best_accuracy,
                          .epochs_since_best = best ? 0 : progress_.epochs_since_best + 1};
  together(group_, [&] {
    if (best) observer_.best_epoch(metrics, *validation);
    if (parts_.folder != nullptr) {
      parts_.folder->save_epoch(parts_.network, parts_.optimizer, progress_, metrics, best, average());
    }
    observer_.epoch_done(metrics);
    if (parts_.folder != nullptr) observer_.epoch_saved(metrics);
  });
  return true;
}

void Trainer::save_last() {
  group_.set_place(fmt::format("the checkpoint of step {}", progress_.step));
  together(group_, [&] {
    if (parts_.folder == nullptr) return;
    parts_.folder->save_last(parts_.network, parts_.optimizer, progress_, average());
  });
  saved_step_ = progress_.step;
}

}  // namespace tern
