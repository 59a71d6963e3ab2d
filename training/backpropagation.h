// A batch forward and backward through a network: the part of a training step before its update.
#pragma once

#include <cstdint>

#include "tern/data/batch_builder.h"
#include "tern/kernels/finite_check.h"
#include "tern/layers/module.h"
#include "tern/training/loss.h"

namespace tern {

/// What it leaves besides gradients, on the device of the batch. Nothing has been waited for.
struct Backpropagation {
  Tensor logits;           ///< (N, classes)
  Tensor loss;             ///< f32, one element.
  Tensor correct;          ///< i32, one element: samples whose label has the largest logit.
  Tensor sums_of_squares;  ///< Of the gradients (clip.h); undefined unless they were asked for.
  kernels::DeferredFaults faults;
};

/// Adds to the gradients of `network`.
Backpropagation backpropagate(Module& network, const Batch& batch, const Loss& loss, bool sums_of_squares);

struct BackpropagatedNumbers {
  double loss = 0;
  std::int64_t correct = 0;
  Tensor sums_of_squares;  ///< On the CPU.
};

/// Waits for a GPU once. Throws NumericError naming the layer where a value is not finite, and DataError for
/// a label that is no class.
BackpropagatedNumbers read_numbers(const Backpropagation& result);

}  // namespace tern
