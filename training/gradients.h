// The gradients of all parameters as tensors that can be added up over the shards of a batch.
#pragma once

#include <vector>

#include "tern/distributed/process_group.h"
#include "tern/layers/named_tensors.h"

namespace tern {

/// The gradients that `parameters` hold when it is made; of deferred ones (an STTN pair) the one tensor that
/// they are linear in, which is half of what both branches would need. It shares the storage, so that adding
/// changes the gradients of the parameters, until these are cleared.
class Gradients {
 public:
  Gradients() = default;
  /// Throws Error naming a parameter whose gradient cannot be added.
  explicit Gradients(const NamedVariables& parameters);

  /// this = earlier + this, for gradients of the same parameters.
  void add(const Gradients& earlier);
  /// Overwrites them with their sums over the ranks, in the order of tree_sum().
  void sum_over(ProcessGroup& group);

  /// Of all tensors together.
  std::int64_t values() const;

 private:
  std::vector<Tensor> tensors_;  // each storage once
};

}  // namespace tern
