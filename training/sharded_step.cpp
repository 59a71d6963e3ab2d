#include "tern/training/sharded_step.h"

#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

#include "tern/core/readback.h"
#include "tern/distributed/agree.h"
#include "tern/kernels/count_correct.h"
#include "tern/kernels/finite_check.h"
#include "tern/layers/optim/clip.h"
#include "tern/training/gradients.h"

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

  // The gradients of `count` shards from `first` on; they are in the network, too.
  Gradients of(std::int64_t first, std::int64_t count) {
    if (count == 1) return of_shard(first);
    if (count % 2 == 0) {
      const Gradients earlier = of(first, count / 2);
      Gradients sum = of(first + count / 2, count / 2);
      sum.add(earlier);
      return sum;
    }
    Gradients sum = of_shard(first);
    for (std::int64_t shard = first + 1; shard < first + count; ++shard) {
      const Gradients earlier = std::exchange(sum, of_shard(shard));
      sum.add(earlier);
    }
    return sum;
  }

  // After the last shard.
  void finish() {
    if (!first_buffers_.empty()) restore_buffers(step_.network_, first_buffers_);
  }

  // Of each shard, losses by their bits.
  std::vector<std::int64_t> losses, correct;
  std::int64_t samples = 0;

 private:
  Gradients of_shard(std::int64_t shard) {
    Module& network = step_.network_;
    const Batch batch = step_.next_shard_();
    network.clear_gradients();
    kernels::DeferredFiniteCheck finite;
    const Variable logits = network.forward(Variable(batch.images));
    const Variable loss = loss_(logits, batch);
    loss.backward();
    const Tensor hits = kernels::count_correct_on_device(logits.value(), batch.labels, 1);
    const std::vector<Tensor> read = to_host({finite.flags(), loss.value(), hits});
    finite.check(read[0]);
    const double value = read[1].item();
    require<NumericError>(std::isfinite(value), "fc: the loss is {}", value);
    losses.push_back(std::bit_cast<std::int64_t>(value));
    correct.push_back(*read[2].data<std::int32_t>());
    samples += batch.labels.numel();
    if (shard == 0 && step_.own_shards() > 1) first_buffers_ = copy_of_buffers(network);
    return Gradients(network.named_parameters());
  }

  ShardedStep& step_;
  const Loss& loss_;
  std::vector<Tensor> first_buffers_;  // after the first shard
};

ShardedStep::ShardedStep(Module& network, Optimizer& optimizer, std::int64_t shards, ProcessGroup& group,
                         std::function<Batch()> next_shard)
    : network_(network),
      optimizer_(optimizer),
      shards_(shards),
      group_(group),
      next_shard_(std::move(next_shard)) {
  check_ranks(shards, group.size(), reduction_of(group));
}

StepResult ShardedStep::run(const Loss& loss, const StepOptions& options) {
  Sum sum(*this, loss);
  Gradients gradients;
  together(group_, [&] {
    gradients = sum.of(group_.rank() * own_shards(), own_shards());
    sum.finish();
  });
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
