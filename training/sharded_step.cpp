#include "tern/training/sharded_step.h"

#include <bit>
#include <numeric>
#include <utility>

#include "tern/distributed/agree.h"
#include "tern/layers/optim/clip.h"
#include "tern/training/gradients.h"
#include "tern/training/shard_tree.h"
#include "tern/training/synchronised_shards.h"

namespace tern {
namespace {

bool will_do(std::int64_t shards, std::int64_t ranks, Reduction reduction) {
  return shards % ranks == 0 &&
         (reduction == Reduction::nccl || std::has_single_bit(static_cast<std::uint64_t>(ranks)));
}

std::string ranks_that_do(std::int64_t shards, Reduction reduction) {
  std::string ranks = "1";
  for (std::int64_t r = 2; r <= shards; ++r) {
    if (will_do(shards, r, reduction)) ranks += fmt::format(", {}", r);
  }
  return ranks;
}

Reduction reduction_of(const ProcessGroup& group) {
  return group.gpus() == nullptr ? Reduction::tree : group.gpus()->reduction();
}

// The running statistics of batch norms and their counts, as they are now.
std::vector<Tensor> copy_of_buffers(const Module& network) {
  std::vector<Tensor> copies;
  for (const auto& [name, buffer] : network.named_buffers()) copies.push_back(buffer.clone());
  return copies;
}

void restore_buffers(Module& network, const std::vector<Tensor>& copies) {
  auto copy = copies.begin();
  for (auto& [name, buffer] : network.named_buffers()) buffer.copy_from(*copy++);
}

}  // namespace

void check_ranks(std::int64_t shards, int ranks, Reduction reduction) {
  require<ConfigError>(will_do(shards, ranks, reduction),
                       "training.shards is {}, which {} processes cannot share out equally{}; {} would do",
                       shards, ranks, reduction == Reduction::tree ? ", as a binary tree" : "",
                       ranks_that_do(shards, reduction));
}

// The shards of this process in one step.
class ShardedStep::Sum {
 public:
  Sum(ShardedStep& step, const Loss& loss) : step_(step), loss_(loss) {}

  // The gradients of all of them; they are in the network, too.
  Gradients one_by_one() {
    Gradients sum;
    together(step_.group_, [&] {
      std::vector<Tensor> buffers;  // after the first shard
      sum = sum_up([&](std::int64_t shard) {
        step_.network_.clear_gradients();
        forward_and_backward();
        if (shard == 0 && step_.own_shards() > 1) buffers = copy_of_buffers(step_.network_);
      });
      if (!buffers.empty()) restore_buffers(step_.network_, buffers);
    });
    return sum;
  }
  // The same with batch norms that see all shards.
  Gradients side_by_side() {
    SynchronisedShards shards(step_.network_, step_.group_, step_.shards_);
    shards.run([this](std::int64_t) { forward_and_backward(); });
    Gradients sum;
    together(step_.group_, [&] { sum = sum_up([&](std::int64_t shard) { shards.take_gradients(shard); }); });
    return sum;
  }

  // Of each shard, losses by their bits.
  std::vector<std::int64_t> losses, correct;
  std::int64_t samples = 0;

 private:
  // `bring(shard)` puts the gradients of a shard into the network.
  Gradients sum_up(const std::function<void(std::int64_t shard)>& bring) {
    return sum_of_shards(
        step_.first_shard(), step_.own_shards(),
        [&](std::int64_t shard) {
          bring(shard);
          return Gradients(step_.network_.named_parameters());
        },
        [](Gradients& sum, const Gradients& earlier) { sum.add(earlier); });
  }

  void forward_and_backward() {
    const Batch batch = step_.next_shard_();
    const BackpropagatedNumbers numbers = read_numbers(step_.backpropagate_shard(batch, loss_));
    losses.push_back(std::bit_cast<std::int64_t>(numbers.loss));
    correct.push_back(numbers.correct);
    samples += batch.labels.numel();
  }

  ShardedStep& step_;
  const Loss& loss_;
};

ShardedStep::ShardedStep(Module& network, Optimizer& optimizer, std::int64_t shards, ProcessGroup& group,
                         std::function<Batch()> next_shard, BatchNormStatistics batch_norm, StepGraph* graph)
    : network_(network),
      optimizer_(optimizer),
      shards_(shards),
      group_(group),
      next_shard_(std::move(next_shard)),
      batch_norm_(batch_norm),
      graph_(batch_norm == BatchNormStatistics::shard && own_shards() == 1 ? graph : nullptr) {
  check_ranks(shards, group.size(), reduction_of(group));
}

Backpropagation ShardedStep::backpropagate_shard(const Batch& shard, const Loss& loss) {
  return graph_ == nullptr ? backpropagate(network_, shard, loss, false) : graph_->run(shard, loss, false);
}

StepResult ShardedStep::run(const Loss& loss, const StepOptions& options) {
  Sum sum(*this, loss);
  Gradients gradients =
      batch_norm_ == BatchNormStatistics::synchronised ? sum.side_by_side() : sum.one_by_one();
  gradients.sum_over(group_);
  const auto shards = static_cast<double>(shards_);
  double scale = 1 / shards;
  if (options.gradient_clip > 0) {
    const double norm = gradient_norm(network_.named_parameters()) / shards;
    scale *= clip_scale(norm, options.gradient_clip);
  }
  optimizer_.step(options.lr, scale);

  StepResult result;
  const std::vector<std::int64_t> losses = gather(group_, sum.losses), correct = gather(group_, sum.correct);
  for (const std::int64_t bits : losses) result.loss += std::bit_cast<double>(bits) / shards;
  result.correct = std::accumulate(correct.begin(), correct.end(), std::int64_t{0});
  result.samples = sum.samples * group_.size();
  return result;
}

}  // namespace tern
