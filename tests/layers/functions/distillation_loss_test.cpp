#include "tern/layers/functions/distillation_loss.h"

#include <cmath>

#include "tern/core/error.h"
#include "tests/reference/cross_entropy.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

float loss_of(Device device, const Tensor& student, const Tensor& teacher) {
  return distillation_loss(Variable(student.to(device)), teacher.to(device)).value().item();
}

}  // namespace

TEST_CASE("distillation_loss: a worked example") {
  const Device device = test::each_device();
  // The teacher says (1/2, 1/2), the student (1/4, 3/4).
  const Tensor student = Tensor::from<float>({1, 2}, {0, std::log(3.0F)});
  CHECK(loss_of(device, student, Tensor::full({1, 2}, 9)) ==
        Approx(0.5 * std::log(4.0) + 0.5 * std::log(4.0 / 3)));
}

TEST_CASE("distillation_loss: agrees with the definition") {
  const Device device = test::each_device();
  const Tensor student = test::random_tensor({33, 41}, 1, -5, 5);
  const Tensor teacher = test::random_tensor({33, 41}, 2, -5, 5);
  const double expected = reference::cross_entropy(student, reference::softmax(teacher));
  CHECK(loss_of(device, student, teacher) == Approx(expected).epsilon(1e-6));
}

TEST_CASE("distillation_loss: gradient of the student") {
  const Device device = test::each_device();
  const Variable student(test::random_tensor({3, 5}, 1).to(device), true);
  const Tensor teacher = test::random_tensor({3, 5}, 2, -2, 2).to(device);
  const auto f = [&](const std::vector<Variable>& v) { return distillation_loss(v[0], teacher); };
  CHECK(test::gradcheck(f, {student}) == "");
}

TEST_CASE("distillation_loss: a temperature divides both logits, and its square multiplies the loss") {
  const Device device = test::each_device();
  const Tensor student = test::random_tensor({4, 6}, 1, -5, 5),
               teacher = test::random_tensor({4, 6}, 2, -5, 5);
  constexpr float kTemperature = 4;  // a power of two, so that dividing rounds nothing
  const auto divided = [](const Tensor& logits) {
    std::vector<float> values = logits.to_vector<float>();
    for (float& value : values) value /= kTemperature;
    return Tensor::from(logits.shape(), values);
  };
  const Variable x(student.to(device), true);
  const Variable loss = distillation_loss(x, teacher.to(device), kTemperature);
  const float plain = loss_of(device, divided(student), divided(teacher));
  CHECK(loss.value().item() == kTemperature * kTemperature * plain);
  const auto f = [&](const std::vector<Variable>& v) {
    return distillation_loss(v[0], teacher.to(device), kTemperature);
  };
  CHECK(test::gradcheck(f, {x}) == "");
  CHECK_THROWS_AS(distillation_loss(x, teacher.to(device), 0), ShapeError);
}

TEST_CASE("distillation_loss: huge logits do not overflow, a NaN of either side shows") {
  const Device device = test::each_device();
  const Tensor sure = Tensor::from<float>({1, 2}, {1e4F, -1e4F});
  const Tensor wrong = Tensor::from<float>({1, 2}, {-1e4F, 1e4F});
  CHECK(loss_of(device, sure, sure) == 0);
  CHECK(loss_of(device, wrong, sure) == 2e4F);
  const Tensor poisoned = Tensor::from<float>({1, 2}, {0, std::nanf("")});
  CHECK(std::isnan(loss_of(device, poisoned, sure)));
  CHECK(std::isnan(loss_of(device, sure, poisoned)));
}

TEST_CASE("distillation_loss: student and teacher must have one shape") {
  CHECK_THROWS_WITH(loss_of(Device{}, Tensor::zeros({2, 3}), Tensor::zeros({2, 4})),
                    Catch::Contains("student is f32 (2, 3) but teacher is f32 (2, 4)"));
  CHECK_THROWS_AS(loss_of(Device{}, Tensor::zeros({2, 0}), Tensor::zeros({2, 0})), ShapeError);
  CHECK_THROWS_AS(loss_of(Device{}, Tensor::zeros({6}), Tensor::zeros({6})), ShapeError);
}
