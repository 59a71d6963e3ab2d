#include "tern/training/loss.h"

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

TEST_CASE("loss: without a temperature the teacher's loss is that of the official code") {
  Problem problem;
  const Tensor teacher = problem.teacher.forward({}).value();
  const Loss plain = [&](const Variable& logits, const Batch&) { return distillation_loss(logits, teacher); };
  CHECK(problem.values(teacher_loss(problem.teacher)) == problem.values(plain));
  CHECK(problem.values(teacher_loss(problem.teacher, 2)) != problem.values(plain));
}

}  // namespace
}  // namespace tern
