// A gradient of several leaves that is kept in another form than one tensor a leaf. A method whose latent
// weights share one gradient defers them, so that an optimiser can update the weights in one fused step: that
// saves the memory of the gradients and the traffic through it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tern/kernels/adam_step.h"
#include "tern/kernels/sgd_step.h"

namespace tern {

class DeferredGradient;

/// A deferred gradient in a step of an optimiser that keeps a State of each of its leaves, in their order.
template <class State>
struct FusedUpdate {
  DeferredGradient* gradient;
  std::vector<State> states;
  bool done = false;
};
using AdamUpdate = FusedUpdate<kernels::AdamMoments>;
using SgdUpdate = FusedUpdate<Tensor>;  ///< Momentum buffers.

/// Made by a backward for the leaves that it passes to Tape::defer. It holds the values that the leaves have
/// then, never the variables: these hold it.
class DeferredGradient {
 public:
  explicit DeferredGradient(std::size_t leaves) : leaves_(leaves) {}
  virtual ~DeferredGradient() = default;

  /// How many it is the gradient of.
  std::size_t leaves() const { return leaves_; }

  /// The gradients, in the order of the leaves. Valid while the leaves have not changed; nothing is kept.
  virtual std::vector<Tensor> materialise() const = 0;

  /// kernels::sum_of_squares(of(leaf), sums, index), to the bit.
  virtual void sum_of_squares(std::size_t leaf, Tensor& sums, std::int64_t index) const;

  /// Updates all leaves, with the bits of kernels::adam_step by the gradients of materialise(). `moments` are
  /// those of each leaf. False, and nothing is done, if there is no fused step. Only apply_all() calls it:
  /// who overrides that need not have it.
  virtual bool apply(const kernels::AdamStep& step, std::vector<kernels::AdamMoments> moments);
  /// The same by kernels::sgd_step; without momentum, the buffers are undefined.
  virtual bool apply(const kernels::SgdStep& step, std::vector<Tensor> momentum_buffers);

  /// apply() of the gradients of `updates`, which are all of this one's class: where launches count, one may
  /// do for many. Sets `done` where there is a fused step. Unless overridden, it applies one after the other.
  virtual void apply_all(const kernels::AdamStep& step, std::span<AdamUpdate> updates) const;
  virtual void apply_all(const kernels::SgdStep& step, std::span<SgdUpdate> updates) const;

  /// The gradient of one leaf: from freeze(), or computed now, with all others.
  Tensor of(std::size_t leaf) const;
  /// The one tensor that the gradients are linear in; what else they depend on is the same in every part of a
  /// batch. So gradients of parts are added by adding these, f32, in place. Undefined if there is no such
  /// tensor: then batches cannot be cut into shards.
  virtual Tensor linear_in() const { return {}; }

  /// Keeps what materialise() gives, because leaves are about to change.
  void freeze();
  /// Forgets that: what the gradients are made of has been computed anew (core/device_graph.h).
  void thaw() { frozen_.clear(); }

 private:
  std::size_t leaves_;
  std::vector<Tensor> frozen_;
};

}  // namespace tern
