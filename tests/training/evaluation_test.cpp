#include "tern/training/evaluation.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/training/small_training.h"

namespace tern {
namespace {

using test::colour_loader;
using test::TwoColours;

// The same logits for every image.
Forward constant_logits(const std::vector<float>& row) {
  return [row](const Tensor& images) {
    Tensor logits = Tensor::empty({images.dim(0), static_cast<std::int64_t>(row.size())});
    for (std::int64_t i = 0; i < logits.numel(); ++i)
      logits.data<float>()[i] = row[static_cast<std::size_t>(i) % row.size()];
    return logits;
  };
}

TEST_CASE("evaluation: counts, loss, confusion matrix and logits of all batches") {
  const TwoColours dataset;  // 20 images of each class, in 4 batches
  Loader loader = colour_loader(dataset, false);
  std::vector<float> logits;
  std::vector<std::int64_t> samples;
  const Evaluation evaluation = evaluate(constant_logits({2, 1}), loader, &logits, &samples);
  CHECK(evaluation.samples == 40);
  CHECK(evaluation.correct == 20);
  CHECK(evaluation.correct_top5 == 40);
  // log(1 + exp(-1)) and log(1 + exp(1)), which is 1 more
  CHECK(evaluation.loss == Approx(0.31326169 + 0.5));
  CHECK(evaluation.confusion == std::vector<std::vector<std::int64_t>>{{20, 0}, {20, 0}});
  CHECK(logits.size() == 80);
  REQUIRE(samples.size() == 40);
  for (std::size_t i = 0; i < samples.size(); ++i) CHECK(samples[i] == static_cast<std::int64_t>(i));
}

// {3, 0} for images that are brighter on the right, as those of TwoColours are, and {0, 1} for others.
Tensor logits_by_side(const Tensor& images) {
  Tensor logits = Tensor::empty({images.dim(0), 2});
  const std::int64_t values = images.numel() / images.dim(0), row = images.dim(2) * images.dim(3);
  for (std::int64_t i = 0; i < images.dim(0); ++i) {
    const float* first = images.data<float>() + i * values;
    const bool right = first[row - 2] > first[1];  // green
    logits.data<float>()[2 * i] = right ? 3 : 0;
    logits.data<float>()[2 * i + 1] = right ? 0 : 1;
  }
  return logits;
}

TEST_CASE(
    "evaluation: with test-time flips the mean of both logits counts, and apart from it the plain ones") {
  const TwoColours dataset;
  Loader loader = colour_loader(dataset, false), mirrored = colour_loader(dataset, false, {}, Flip::always);
  const auto [plain, flipped] = evaluate_with_flips(logits_by_side, loader, mirrored);
  const auto loss = [](double margin) { return std::log1p(std::exp(-margin)) + margin / 2; };
  CHECK(plain.loss == Approx(loss(3)));    // of half of the images the margin is 3, of the others -3
  CHECK(flipped.loss == Approx(loss(1)));  // (1.5, 0.5)
  for (const Evaluation& evaluation : {plain, flipped}) {
    CHECK(evaluation.samples == 40);
    CHECK(evaluation.correct == 20);
    CHECK(evaluation.confusion == std::vector<std::vector<std::int64_t>>{{20, 0}, {20, 0}});
  }
}

TEST_CASE("evaluation: a logit that is no number and a label that is no class are errors") {
  const TwoColours dataset;
  Loader loader = colour_loader(dataset, false);
  CHECK_THROWS_AS(evaluate(constant_logits({0, std::nanf("")}), loader), NumericError);
  CHECK_THROWS_WITH(evaluate(constant_logits({0}), loader), Catch::Contains("label 1"));
}

}  // namespace
}  // namespace tern
