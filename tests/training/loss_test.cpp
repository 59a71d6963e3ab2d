#include "tern/training/loss.h"

#include <cmath>

#include "tern/layers/functions/distillation_loss.h"
#include "tern/layers/functions/softmax_cross_entropy.h"
#include "tests/support/catch.h"
#include "tests/support/random_tensors.h"

namespace tern {
namespace {

class FixedLogits : public Module {
 public:
  explicit FixedLogits(Tensor logits) : logits_(std::move(logits)) {}
  Variable forward(const Variable&) override { return Variable(logits_); }

 private:
  Tensor logits_;
};

struct Problem {
  Variable logits{test::random_tensor({4, 3}, 1, -2, 2), true};
  FixedLogits teacher{test::random_tensor({4, 3}, 2, -2, 2)};
  Batch batch;

  Problem() { batch.labels = Tensor::from<std::int64_t>({4}, {0, 2, 1, 1}); }

  // The loss, then the gradient of the logits.
  std::vector<float> values(const Loss& loss) {
    logits.clear_grad();
    const Variable value = loss(logits, batch);
    value.backward();
    std::vector<float> all = logits.grad().to_vector<float>();
    all.insert(all.begin(), value.value().item());
    return all;
  }
};

TEST_CASE("loss: a teacher and smoothed labels are mixed by their weights, in value and gradient") {
  Problem problem;
  const Loss teacher = teacher_loss(problem.teacher, 2), labels = cross_entropy_loss(0.1F);
  const std::vector<float> of_teacher = problem.values(teacher), of_labels = problem.values(labels);
  const std::vector<float> mixed = problem.values(mixed_loss(0.75F, teacher, labels));
  REQUIRE(mixed.size() == 13);
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    INFO(i);
    CHECK(mixed[i] == Approx(0.75 * of_teacher[i] + 0.25 * of_labels[i]).margin(1e-6));
  }
}

TEST_CASE("loss: of mixed images it is the cross entropy with both labels by their shares, smoothed or not") {
  for (const float smoothing : {0.0F, 0.2F}) {
    Problem problem;
    const std::vector<std::int64_t> partners = {1, 2, 0, 2};
    problem.batch.partner_labels = Tensor::from<std::int64_t>({4}, partners);
    problem.batch.label_share = 0.7F;
    const std::vector<float> values = problem.values(cross_entropy_loss(smoothing));
    const std::vector<float> x = problem.logits.value().to_vector<float>();
    const std::vector<std::int64_t> labels = problem.batch.labels.to_vector<std::int64_t>();
    double expected = 0;
    for (std::size_t n = 0; n < 4; ++n) {
      double sum = 0;
      for (std::size_t k = 0; k < 3; ++k) sum += std::exp(double{x[3 * n + k]});
      for (std::size_t k = 0; k < 3; ++k) {
        const auto label = static_cast<std::int64_t>(k);
        const double share = 0.7 * (labels[n] == label ? 1 : 0) + 0.3 * (partners[n] == label ? 1 : 0);
        const double target = (1 - smoothing) * share + smoothing / 3;
        expected -= target * (x[3 * n + k] - std::log(sum)) / 4;
        const double gradient = (std::exp(double{x[3 * n + k]}) / sum - target) / 4;
        CHECK(values[1 + 3 * n + k] == Approx(gradient).margin(1e-6));
      }
    }
    CHECK(values[0] == Approx(expected).epsilon(1e-6));
  }
}

TEST_CASE("loss: class weights weigh the labels' part beside a teacher, and each label of mixed images") {
  Problem problem;
  const Tensor weights = Tensor::from<float>({3}, {2, 0.5F, 1});
  const Loss teacher = teacher_loss(problem.teacher), labels = cross_entropy_loss(0, weights);
  const float of_teacher = problem.values(teacher)[0], of_labels = problem.values(labels)[0];
  CHECK(of_labels != problem.values(cross_entropy_loss())[0]);
  CHECK(problem.values(mixed_loss(0.75F, teacher, labels))[0] ==
        Approx(0.75 * of_teacher + 0.25 * of_labels));
  const Tensor first = problem.batch.labels, second = Tensor::from<std::int64_t>({4}, {1, 2, 0, 2});
  problem.batch.labels = second;
  const float of_partners = problem.values(labels)[0];
  problem.batch.labels = first;
  problem.batch.partner_labels = second;
  problem.batch.label_share = 0.7F;
  CHECK(problem.values(labels)[0] == Approx(0.7 * of_labels + 0.3 * of_partners));
}

class Labelled final : public Dataset {
 public:
  explicit Labelled(std::vector<std::int64_t> labels) : labels_(std::move(labels)) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(labels_.size()); }
  const std::vector<std::string>& class_names() const override { return names_; }
  std::string name_of(std::int64_t) const override { return ""; }
  std::int64_t label_of(std::int64_t index) const override {
    return labels_.at(static_cast<std::size_t>(index));
  }
  Sample load(std::int64_t) const override { return {}; }

 private:
  std::vector<std::int64_t> labels_;
  std::vector<std::string> names_ = {"cat", "dog"};
};

TEST_CASE("loss: balanced class weights have each class count the same") {
  CHECK(balanced_class_weights(Labelled({0, 1, 1, 1, 0, 1})) == std::vector<float>{1.5F, 0.75F});
  CHECK_THROWS_WITH(balanced_class_weights(Labelled({1, 1})),
                    Catch::Contains("\"cat\" has no training images"));
}

TEST_CASE("loss: the teacher sees the mixed images and needs no labels") {
  Problem problem;
  const std::vector<float> unmixed = problem.values(teacher_loss(problem.teacher));
  problem.batch.partner_labels = problem.batch.labels;
  problem.batch.label_share = 0.7F;
  CHECK(problem.values(teacher_loss(problem.teacher)) == unmixed);
}

TEST_CASE("loss: without a temperature the teacher's loss is that of the official code") {
  Problem problem;
  const Tensor teacher = problem.teacher.forward({}).value();
  const Loss plain = [&](const Variable& logits, const Batch&) { return distillation_loss(logits, teacher); };
  CHECK(problem.values(teacher_loss(problem.teacher)) == problem.values(plain));
  CHECK(problem.values(teacher_loss(problem.teacher, 2)) != problem.values(plain));
}

}  // namespace
}  // namespace tern
