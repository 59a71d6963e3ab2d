// How often the host waits for a GPU in training and evaluation, counted by the emulated runtime.
#ifdef TERN_EMULATED_CUDA

#include <fmt/format.h>

#include "emulation/stream.h"
#include "tern/layers/optim/adam.h"
#include "tern/models/initialise.h"
#include "tern/models/registry.h"
#include "tern/training/evaluation.h"
#include "tern/training/training_step.h"
#include "tests/support/catch.h"
#include "tests/training/small_training.h"

namespace tern {
namespace {

// Classifies images of `size` x `size` pixels.
std::unique_ptr<Module> small_sttn_network(int classes, int size) {
  return parse_network_config(
             fmt::format(R"({{"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [4, 8],
                              "depths": [1, 1], "classes": {}, "input_size": {}}})",
                         classes, size))
      .make();
}

// In that wait loss, count, flags of the finite check and sums of squares come to the host.
TEST_CASE("training step: waits for the GPU once, with clipping and without") {
  const Device gpu{DeviceType::cuda, 0};
  const auto network = small_sttn_network(3, 8);
  initialise(*network, {}, 1);
  network->to(gpu);
  Adam optimizer(network->named_parameters(), {});
  Batch batch;
  batch.images = Tensor::full({2, 8, 8, 3}, 0.5F).to(gpu);
  batch.labels = Tensor::from<std::int64_t>({2}, {0, 2}).to(gpu);
  for (const double clip : {0.0, 1.0}) {
    training_step(*network, optimizer, batch, cross_entropy_loss(), {0.01, clip});  // makes its plans
    const std::int64_t before = emulation::host_waits();
    training_step(*network, optimizer, batch, cross_entropy_loss(), {0.01, clip});
    INFO("gradient_clip " << clip);
    CHECK(emulation::host_waits() - before == 1);
  }
}

// Each batch is one wait, in which flags, loss, logits and labels come to the host, besides those in which
// the loader hands out what it has uploaded.
TEST_CASE("evaluation: waits for the GPU once a batch") {
  const Device gpu{DeviceType::cuda, 0};
  const test::TwoColours dataset;
  const auto network = small_sttn_network(2, 4);
  initialise(*network, {}, 1);
  network->to(gpu);
  Loader loader = test::colour_loader(dataset, false, gpu);
  std::vector<float> logits;
  const auto waits_of_evaluation = [&] {
    const std::int64_t before = emulation::host_waits();
    evaluate(*network, loader, &logits);
    return emulation::host_waits() - before;
  };
  const auto waits_of_loader = [&] {
    const std::int64_t before = emulation::host_waits();
    loader.start_epoch(0);
    for (Batch batch; loader.next(batch);) {
    }
    return emulation::host_waits() - before;
  };
  waits_of_evaluation();  // makes its plans
  const std::int64_t evaluation = waits_of_evaluation();
  CHECK(evaluation - waits_of_loader() == loader.batch_count());
}

TEST_CASE("training step: a label that is no class is an error before any weight has changed") {
  const Device gpu{DeviceType::cuda, 0};
  const auto network = small_sttn_network(3, 8);
  initialise(*network, {}, 1);
  network->to(gpu);
  Adam optimizer(network->named_parameters(), {});
  Batch batch;
  batch.images = Tensor::full({2, 8, 8, 3}, 0.5F).to(gpu);
  batch.labels = Tensor::from<std::int64_t>({2}, {0, 3}).to(gpu);
  const auto weights = [&] { return network->named_parameters().back().second.value().to_vector<float>(); };
  const std::vector<float> before = weights();
  CHECK_THROWS_WITH(training_step(*network, optimizer, batch, cross_entropy_loss(), {0.01, 0}),
                    "softmax_cross_entropy: a label is not in [0, 3), the classes of the logits");
  CHECK(weights() == before);
}

}  // namespace
}  // namespace tern

#endif
