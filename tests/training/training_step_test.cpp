#include "tern/training/training_step.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tern/layers/optim/sgd.h"
#include "tests/support/catch.h"
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

}  // namespace
}  // namespace tern
