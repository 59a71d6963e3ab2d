#include "tern/training/evaluation.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "tern/core/error.h"
#include "tern/core/readback.h"
#include "tern/distributed/agree.h"
#include "tern/kernels/count_correct.h"
#include "tern/kernels/finite_check.h"
#include "tern/kernels/weighted_sum.h"
#include "tern/layers/functions/softmax_cross_entropy.h"

namespace tern {
namespace {

// Switches to evaluation for its lifetime.
class EvaluationMode {
 public:
  explicit EvaluationMode(Module& network) : network_(network), was_training_(network.training()) {
    network_.train(false);
  }
  ~EvaluationMode() { network_.train(was_training_); }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  Module& network_;
  bool was_training_;
};

// Of tensors on the CPU.
void count_predictions(const Tensor& logits, const Tensor& labels, Evaluation& evaluation) {
  const float* values = logits.data<float>();
  const std::int64_t* truth = labels.data<std::int64_t>();
  const std::int64_t classes = logits.dim(1);
  const auto size = static_cast<std::size_t>(classes);
  if (evaluation.confusion.empty()) evaluation.confusion.assign(size, std::vector<std::int64_t>(size, 0));
  for (std::int64_t i = 0; i < logits.dim(0); ++i) {
    const float* row = values + i * classes;
    for (const float* logit = row; logit != row + classes; ++logit) {
      require<NumericError>(std::isfinite(*logit), "evaluation: a logit is NaN or infinite");
    }
    const std::int64_t label = truth[i];
    require<DataError>(label >= 0 && label < classes,
                       "evaluation: a label is {}, but the network has {} classes", label, classes);
    const auto predicted = static_cast<std::size_t>(std::max_element(row, row + classes) - row);
    ++evaluation.confusion[static_cast<std::size_t>(label)][predicted];
  }
  evaluation.correct += kernels::count_correct(logits, labels, 1);
  evaluation.correct_top5 += kernels::count_correct(logits, labels, 5);
  evaluation.samples += logits.dim(0);
}

// The evaluation of the batches so far.
class Evaluator {
 public:
  // Returns the logits on the host. `finite` has watched the forward pass. Waits for a GPU once.
  Tensor add(kernels::DeferredFiniteCheck& finite, const Tensor& logits, const Tensor& labels) {
    const Tensor loss = softmax_cross_entropy(Variable(logits), labels).value();
    const kernels::DeferredFaults faults = finite.take();
    const std::vector<Tensor> read = to_host({faults.flags, loss, logits, labels});
    faults.check(read[0]);
    losses_.push_back(read[1].item() * static_cast<double>(labels.numel()));
    count_predictions(read[2], read[3], evaluation_);
    return read[2];
  }

  Evaluation finish(const Loader& loader) {
    evaluation_.left_out = loader.bad_images().count();
    evaluation_.left_out_names = loader.bad_images().names();
    const double sum = std::accumulate(losses_.begin(), losses_.end(), 0.0);
    if (evaluation_.samples > 0) evaluation_.loss = sum / static_cast<double>(evaluation_.samples);
    return std::move(evaluation_);
  }

  // The same, of the batches of all processes, each of which has taken in one shard of a batch of `loader`.
  Evaluation finish_together(const Loader& loader, ProcessGroup& group) {
    share_counts(group);
    share_losses(group, loader);
    return finish(loader);
  }

 private:
  void share_counts(ProcessGroup& group) {
    const auto classes = static_cast<std::size_t>(
        agree_on_largest(group, static_cast<std::int64_t>(evaluation_.confusion.size())));
    evaluation_.confusion.resize(classes, std::vector<std::int64_t>(classes, 0));
    std::vector<std::int64_t> counts{evaluation_.samples, evaluation_.correct, evaluation_.correct_top5};
    for (const auto& row : evaluation_.confusion) counts.insert(counts.end(), row.begin(), row.end());
    sum_integers(group, counts);
    evaluation_.samples = counts[0];
    evaluation_.correct = counts[1];
    evaluation_.correct_top5 = counts[2];
    auto next = counts.begin() + 3;
    for (auto& row : evaluation_.confusion) {
      std::copy_n(next, classes, row.begin());
      next += static_cast<std::ptrdiff_t>(classes);
    }
  }

  // A sum of bits of which only one rank has some that are not zero is these bits.
  void share_losses(ProcessGroup& group, const Loader& loader) {
    const auto ranks = static_cast<std::size_t>(group.size());
    std::vector<std::int64_t> bits(static_cast<std::size_t>(loader.batch_count()) * ranks, 0);
    for (std::size_t i = 0; i < losses_.size(); ++i) {
      bits.at(i * ranks + static_cast<std::size_t>(group.rank())) = std::bit_cast<std::int64_t>(losses_[i]);
    }
    sum_integers(group, bits);
    losses_.clear();
    for (const std::int64_t word : bits) losses_.push_back(std::bit_cast<double>(word));
  }

  Evaluation evaluation_;
  std::vector<double> losses_;  // of each batch, times its samples
};

Forward forward_of(Module& network) {
  return [&network](const Tensor& images) { return network.forward(Variable(images)).value(); };
}

}  // namespace

Evaluation evaluate(const Forward& forward, Loader& loader, std::vector<float>* all_logits,
                    std::vector<std::int64_t>* samples) {
  const NoGrad no_grad;
  Evaluator evaluator;
  loader.start_epoch(0);
  for (Batch batch; loader.next(batch);) {
    kernels::DeferredFiniteCheck finite;
    const Tensor logits = evaluator.add(finite, forward(batch.images), batch.labels);
    if (all_logits != nullptr) {
      const float* values = logits.data<float>();
      all_logits->insert(all_logits->end(), values, values + logits.numel());
    }
    if (samples != nullptr) samples->insert(samples->end(), batch.samples.begin(), batch.samples.end());
  }
  return evaluator.finish(loader);
}

Evaluation evaluate(Module& network, Loader& loader, std::vector<float>* logits) {
  const EvaluationMode mode(network);
  return evaluate(forward_of(network), loader, logits);
}

std::optional<Evaluation> evaluate_unless(const std::function<bool()>& stop, Module& network, Loader& loader,
                                          ProcessGroup& group) {
  const EvaluationMode mode(network);
  const NoGrad no_grad;
  const Forward forward = forward_of(network);
  Evaluator evaluator;
  loader.start_epoch(0);
  for (std::int64_t i = 0; i < loader.batch_count(); ++i) {
    if (agree_on_largest(group, stop() ? 1 : 0) != 0) return std::nullopt;
    together(group, [&] {
      Batch batch;
      if (!loader.next(batch)) return;  // the last batch has fewer shards
      kernels::DeferredFiniteCheck finite;
      evaluator.add(finite, forward(batch.images), batch.labels);
    });
  }
  return evaluator.finish_together(loader, group);
}

EvaluationWithFlips evaluate_with_flips(const Forward& forward, Loader& loader, Loader& mirrored) {
  const NoGrad no_grad;
  Evaluator plain, flipped;
  loader.start_epoch(0);
  mirrored.start_epoch(0);
  for (Batch batch, mirror_images; loader.next(batch) && mirrored.next(mirror_images);) {
    kernels::DeferredFiniteCheck finite;
    const Tensor logits = forward(batch.images);
    plain.add(finite, logits, batch.labels);
    const Tensor mean = kernels::weighted_sum(0.5F, logits, 0.5F, forward(mirror_images.images));
    flipped.add(finite, mean, batch.labels);
  }
  return {plain.finish(loader), flipped.finish(loader)};
}

}  // namespace tern
