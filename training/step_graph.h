// Training steps whose way forward and backward a GPU is given by one launch (core/device_graph.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tern/core/device_graph.h"
#include "tern/layers/autograd/tape.h"
#include "tern/training/backpropagation.h"

namespace tern {

/// backpropagate(), with the same bits: the first batch of a shape is computed as ever, the second is
/// recorded, and that graph serves all later ones of its shape. Computed as ever are batches of other shapes,
/// those of mixed images, whose shares are numbers of the host, all of a CPU, and all from then on that a
/// graph could not be recorded.
///
/// The update of the weights is not in the graph: its numbers change from step to step.
///
/// For networks and losses that do the same each time: the host runs their code for the recorded batch and
/// not for later ones, but for buffers on the host (num_batches_tracked), which count on. The tensors of the
/// network stay where they are; whoever overwrites them may do so between steps.
class StepGraph {
 public:
  /// `given_up` is told why no graph could be recorded, once. Both must outlive this.
  StepGraph(Module& network, std::function<void(const std::string& reason)> given_up);

  /// The network has no gradients before. The result, and the gradients, are valid until the next call.
  /// `loss` and `sums_of_squares` are the same in all calls.
  Backpropagation run(const Batch& batch, const Loss& loss, bool sums_of_squares);

 private:
  /// One shape of batches, by that of their images and labels.
  using BatchShape = std::pair<Shape, Shape>;
  struct Count {
    Tensor buffer;  // i64, one element
    std::int64_t per_batch;
  };
  struct Recorded {
    Batch batch;  // from which the graph reads
    Backpropagation result;
    std::vector<LeafGradient> gradients;  // of each parameter
    std::vector<Count> counts;
    std::unique_ptr<DeviceGraph> graph;  // last: it goes before the tensors that it uses
  };

  /// False: by a graph of this shape.
  bool computes_as_ever(const Batch& batch);
  Recorded record(const Batch& batch, const Loss& loss, bool sums_of_squares);
  const Backpropagation& launch(const Batch& batch);

  Module& network_;
  const std::function<void(const std::string&)> given_up_;
  const NamedVariables parameters_;
  bool gave_up_ = false;
  std::optional<BatchShape> shape_;  // of the graph, or before it is recorded of the last batch
  std::optional<Recorded> recorded_;
};

}  // namespace tern
