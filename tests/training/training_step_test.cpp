#include "tern/training/training_step.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tern/layers/optim/sgd.h"
#include "tern/layers/state_dict.h"
#include "tern/models/initialise.h"
#include "tern/models/registry.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/precision.h"
#include "tests/training/small_training.h"

namespace tern {
namespace {

using test::SmallTraining;

Batch first_batch(SmallTraining& small) {
  small.validation.start_epoch(0);
  Batch batch;
  REQUIRE(small.validation.next(batch));
  return batch;
}

TEST_CASE("training step: gives loss, count and logits of the weights before the update") {
  SmallTraining small;
  const Batch batch = first_batch(small);
  const StepResult first = training_step(small.network, small.optimizer, batch, cross_entropy_loss(), {0.1});
  CHECK(first.loss == Approx(std::log(2.0)));  // of two classes and weights of zero
  CHECK(first.correct == 5);                   // equal logits: the first class, of every second image
  CHECK(first.logits.to_vector<float>() == std::vector<float>(20, 0.0F));
  const StepResult second = training_step(small.network, small.optimizer, batch, cross_entropy_loss(), {0.1});
  CHECK(second.loss < first.loss);
  CHECK(second.correct == 10);
}

TEST_CASE("training step: a gradient that is not finite is an error before any weight has changed") {
  SmallTraining small;
  Batch batch = first_batch(small);
  batch.images.data<float>()[5] = std::numeric_limits<float>::infinity();
  const std::vector<float> before = small.weight();
  for (const double clip : {0.0, 1.0}) {
    INFO("gradient_clip " << clip);
    CHECK_THROWS_AS(training_step(small.network, small.optimizer, batch, cross_entropy_loss(), {0.1, clip}),
                    NumericError);
    CHECK(small.weight() == before);
  }
}

TEST_CASE("training step: a norm above the clip shortens the step of SGD to it") {
  SmallTraining clipped;
  const Batch batch = first_batch(clipped);
  Sgd sgd(clipped.network.named_parameters(), {});
  constexpr double kClip = 0.01;
  training_step(clipped.network, sgd, batch, cross_entropy_loss(), {1.0, kClip});
  double squares = 0;
  for (const auto& [name, parameter] : clipped.network.named_parameters()) {
    for (const float value : parameter.value().to_vector<float>()) squares += double{value} * value;
  }
  CHECK(std::sqrt(squares) == Approx(kClip).epsilon(1e-4));  // the guard of 1e-6 in clip_scale
}

std::unique_ptr<Module> small_resnet(const char* block, const char* stem, std::uint64_t seed) {
  auto network = parse_network_config(fmt::format(R"({{"family": "resnet", "block": "{}", "stem": "{}",
                                                       "widths": [4], "depths": [1], "classes": 2,
                                                       "input_size": 4}})",
                                                  block, stem))
                     .make();
  initialise(*network, {}, seed);
  return network;
}

TEST_CASE("training step: of images that come in bf16, to the bits of those that networks cast to it") {
  Device device;
  if (!test::each_gpu(device)) return;
  const test::Precision precision(kernels::FloatPrecision::bf16);
  const test::TwoColours dataset;
  for (const char* stem : {"cifar", "whitened"}) {
    INFO(stem);
    const auto trained = [&](Device loaded_on, DType dtype) {
      auto network = small_resnet("sttn", stem, 1);
      const auto teacher = small_resnet("basic", stem, 2);
      network->to(device);
      teacher->to(device);
      teacher->train(false);
      Sgd sgd(network->named_parameters(), {0.9});
      const Loss loss = mixed_loss(0.5F, teacher_loss(*teacher, 2), cross_entropy_loss());
      Loader loader = test::colour_loader(dataset, true, loaded_on);
      loader.start_epoch(0);
      for (Batch batch; loader.next(batch);) {
        REQUIRE(batch.images.dtype() == dtype);
        batch.images = batch.images.to(device);
        batch.labels = batch.labels.to(device);
        training_step(*network, sgd, batch, loss, {0.1});
      }
      return network;
    };
    const auto cast = trained(Device{}, DType::f32), as_given = trained(device, DType::bf16);
    const std::vector<StateEntry> expected = state_dict(*cast), actual = state_dict(*as_given);
    REQUIRE(actual.size() == expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
      INFO(actual[i].name);
      CHECK(test::bit_difference(actual[i].tensor.to(Device{}), expected[i].tensor.to(Device{})) == "");
    }
  }
}

}  // namespace
}  // namespace tern
