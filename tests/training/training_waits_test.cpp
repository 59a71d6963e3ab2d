// How often the host waits for a GPU in a step of training, counted by the emulated runtime.
#ifdef TERN_EMULATED_CUDA

#include "emulation/stream.h"
#include "tern/layers/optim/adam.h"
#include "tern/models/initialise.h"
#include "tern/models/resnet.h"
#include "tern/training/training_step.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

std::unique_ptr<Module> small_sttn_network() {
  return make_resnet(parse_resnet_config(
      R"({"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [4, 8], "depths": [1, 1]})",
      {.classes = 3, .input_size = 8, .weight_gradient = {}}));
}

// Allowed is the one wait in which loss, count, flags of the finite check and sums of squares come to the
// host.
TEST_CASE("training step: waits for the GPU once, with clipping and without") {
  const Device gpu{DeviceType::cuda, 0};
  const auto network = small_sttn_network();
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

}  // namespace
}  // namespace tern

#endif
