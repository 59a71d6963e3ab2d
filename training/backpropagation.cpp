#include "tern/training/backpropagation.h"

#include <cmath>

#include "tern/core/error.h"
#include "tern/core/readback.h"
#include "tern/kernels/count_correct.h"
#include "tern/layers/optim/clip.h"

namespace tern {

Backpropagation backpropagate(Module& network, const Batch& batch, const Loss& loss_of,
                              bool sums_of_squares) {
  kernels::DeferredFiniteCheck finite;
  const Variable logits = network.forward(Variable(batch.images));
  const Variable loss = loss_of(logits, batch);
  loss.backward();
  Backpropagation result;
  result.logits = logits.value();
  result.loss = loss.value();
  result.correct = kernels::count_correct_on_device(logits.value(), batch.labels, 1);
  if (sums_of_squares) result.sums_of_squares = gradient_sums_of_squares(network.named_parameters());
  result.faults = finite.take();
  return result;
}

BackpropagatedNumbers read_numbers(const Backpropagation& result) {
  const std::vector<Tensor> read =
      to_host({result.faults.flags, result.loss, result.correct, result.sums_of_squares});
  result.faults.check(read[0]);
  const double loss = read[1].item();
  require<NumericError>(std::isfinite(loss), "fc: the loss is {}", loss);
  return {loss, *read[2].data<std::int32_t>(), read[3]};
}

}  // namespace tern
