#include "tern/training/synchronised_shards.h"

#include <algorithm>
#include <utility>

#include "tern/core/parallel.h"
#include "tern/distributed/agree.h"
#include "tern/distributed/tree_sum.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/synchronised_batch_norm.h"
#include "tern/training/coroutine.h"
#include "tern/training/shard_tree.h"

namespace tern {

class SynchronisedShards::Shard final : public BatchShards {
 public:
  Shard(const NamedVariables& parameters, std::int64_t count, bool first, std::function<void()> body)
      : count_(count),
        first_(first),
        parameters_(parameters),
        gradients_(parameters.size()),
        coroutine_([this, body = std::move(body), threads = thread_count()] {
          set_thread_count(threads);  // OpenMP's number belongs to a thread
          const SynchronisedBatchNorms synchronised(*this);
          body();
        }) {}

  /// Up to the next batch norm (true) or to the end (false).
  bool go_on() {
    swap_gradients();
    const bool waits = coroutine_.resume();
    swap_gradients();
    return waits;
  }
  void swap_gradients() {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      Tape::swap_gradient(parameters_[i].second, gradients_[i]);
    }
  }
  /// What it waits to have added up.
  std::vector<double>& values() { return *values_; }

  std::int64_t count() const override { return count_; }
  bool updates_running_statistics() const override { return first_; }
  void sum(std::vector<double>& values) override {
    values_ = &values;
    coroutine_.suspend();
  }

 private:
  std::int64_t count_;
  bool first_;
  NamedVariables parameters_;
  std::vector<LeafGradient> gradients_;  // those of the shard, while another one has the network
  std::vector<double>* values_ = nullptr;
  Coroutine coroutine_;  // last: it ends before the others go
};

SynchronisedShards::SynchronisedShards(Module& network, ProcessGroup& group, std::int64_t shards)
    : network_(network),
      group_(group),
      first_(group.rank() * shards / group.size()),
      own_(shards / group.size()),
      count_(shards) {}

SynchronisedShards::~SynchronisedShards() = default;

void SynchronisedShards::run(const std::function<void(std::int64_t)>& forward_and_backward) {
  network_.clear_gradients();
  const NamedVariables parameters = network_.named_parameters();
  for (std::int64_t i = 0; i < own_; ++i) {
    shards_.push_back(std::make_unique<Shard>(
        parameters, count_, i == 0, [this, i, &forward_and_backward] { forward_and_backward(first_ + i); }));
  }
  for (bool wait = true; wait;) {
    together(group_, [&] {
      const auto waiting =
          std::count_if(shards_.begin(), shards_.end(), [](const auto& shard) { return shard->go_on(); });
      require<Error>(waiting == 0 || waiting == own_,
                     "of {} shards {} have come to a batch norm, the others to their end: batch norms can be "
                     "synchronised where all images take the same way through the network",
                     own_, waiting);
      wait = waiting > 0;
    });
    if (wait) sum_values();
  }
}

void SynchronisedShards::sum_values() {
  std::vector<double> sums = sum_of_shards(
      0, own_, [this](std::int64_t i) { return shards_[static_cast<std::size_t>(i)]->values(); },
      [](std::vector<double>& sum, const std::vector<double>& earlier) {
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += earlier.at(i);
      });
  tree_sum(group_, sums);
  for (const auto& shard : shards_) shard->values() = sums;
}

void SynchronisedShards::take_gradients(std::int64_t shard) {
  shards_.at(static_cast<std::size_t>(shard - first_))->swap_gradients();
}

}  // namespace tern
