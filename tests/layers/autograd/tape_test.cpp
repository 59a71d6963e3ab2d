#include "layers/autograd/tape.h"

#include "core/cpu_backend.h"
#include "core/error.h"
#include "layers/functions/add.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

Variable scalar(float value) {
  return Variable(Tensor::full({1}, value), true);
}

Variable times(const Variable& x, float factor) {
  Tensor y = Tensor::full(x.shape(), x.value().item() * factor);
  return Tape::record("times", y, {x}, [factor](const Tensor& dy) {
    return std::vector<Tensor>{Tensor::full(dy.shape(), dy.item() * factor)};
  });
}

}  // namespace

TEST_CASE("tape: a diamond adds the gradients of both paths") {
  const Variable x = scalar(3);
  const Variable y = times(x, 2);
  add(times(y, 5), times(y, 7)).backward();
  CHECK(x.grad().item() == 24);
}

TEST_CASE("tape: a node waits for all that was computed from it") {
  const Variable x = scalar(1);
  const Variable early = times(x, 2);
  Variable chain = early;
  for (int i = 0; i < 10; ++i) chain = times(chain, 1);
  add(early, chain).backward();
  CHECK(x.grad().item() == 4);
}

TEST_CASE("tape: gradients of repeated backward passes accumulate in the leaf until cleared") {
  Variable x = scalar(1);
  times(x, 2).backward();
  times(x, 3).backward();
  CHECK(x.grad().item() == 5);
  x.clear_grad();
  CHECK_FALSE(x.grad().defined());
}

TEST_CASE("tape: a gradient shared by two inputs is not overwritten by accumulation") {
  const Variable a = scalar(1);
  const Variable b = scalar(1);
  const Variable sum = add(a, b);  // both get the very same dy
  add(add(sum, a), b).backward();  // a and b get one more each
  CHECK(a.grad().item() == 2);
  CHECK(b.grad().item() == 2);
}

TEST_CASE("tape: nothing is recorded under NoGrad or without an input that needs a gradient") {
  const Variable x = scalar(1);
  CHECK_FALSE(times(Variable(Tensor::full({1}, 1)), 2).requires_grad());
  {
    const NoGrad outer;
    { const NoGrad inner; }
    CHECK_FALSE(times(x, 2).requires_grad());
  }
  CHECK(times(x, 2).requires_grad());
}

TEST_CASE("tape: a second backward through a freed graph is an error") {
  const Variable y = times(scalar(1), 2);
  y.backward();
  CHECK_THROWS_WITH(y.backward(), Catch::Contains("times") && Catch::Contains("freed"));
}

TEST_CASE("tape: backward frees what the nodes saved") {
  const Variable x = scalar(1);
  const auto before = cpu_memory().live_bytes;
  const Tensor saved = Tensor::zeros({1000});
  const Variable y = Tape::record("saver", Tensor::full({1}, 1), {x}, [s = saved.clone()](Tensor dy) {
    return std::vector<Tensor>{std::move(dy)};
  });
  CHECK(cpu_memory().live_bytes > before + 8000);
  y.backward();
  CHECK(cpu_memory().live_bytes < before + 8000);
}

TEST_CASE("tape: a backward that gives a wrong shape or number of gradients is caught by name") {
  const Variable x = scalar(1);
  const auto record = [&](const std::vector<Tensor>& gradients) {
    return Tape::record("broken", Tensor::full({1}, 1), {x}, [=](const Tensor&) { return gradients; });
  };
  CHECK_THROWS_WITH(record({Tensor::zeros({2})}).backward(), Catch::Contains("broken"));
  CHECK_THROWS_WITH(record({}).backward(), Catch::Contains("broken"));
}

TEST_CASE("tape: 300000 nodes are walked and destroyed without recursion") {
  const Variable x = scalar(1);
  SECTION("backward") {
    Variable y = x;
    for (int i = 0; i < 300000; ++i) y = times(y, 1);
    y.backward();
    CHECK(x.grad().item() == 1);
  }
  SECTION("dropped without backward") {
    Variable y = x;
    for (int i = 0; i < 300000; ++i) y = times(y, 1);
    y = Variable();
    CHECK_FALSE(x.grad().defined());
  }
}

TEST_CASE("gradcheck: a wrong gradient is found") {
  const auto wrong = [](const std::vector<Variable>& v) {
    return Tape::record("wrong", v[0].value().clone(), {v[0]},
                        [](const Tensor& dy) { return std::vector<Tensor>{Tensor::full(dy.shape(), 0.5F)}; });
  };
  CHECK(test::gradcheck(wrong, {scalar(1)}) != "");
}
