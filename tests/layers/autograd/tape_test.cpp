#include "tern/layers/autograd/tape.h"

#include "tern/core/device.h"
#include "tern/core/error.h"
#include "tern/kernels/pack_ternary.h"
#include "tern/layers/functions/add.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

Variable scalar(float value) {
  return Variable(Tensor::full({1}, value), true);
}

Variable times(const Variable& x, float factor) {
  Tensor y = Tensor::full(x.shape(), x.value().item() * factor);
  return Tape::record("times", y, {x}, {}, [factor](const Tensor& dy, const Saved&) {
    return std::vector<Tensor>{Tensor::full(dy.shape(), dy.item() * factor)};
  });
}

struct PendingNumber : PendingGradient {
  PendingNumber(float value_, int& computed_) : value(value_), computed(computed_) {}
  Tensor compute() override {
    ++computed;
    return Tensor::full({1}, value);
  }

  float value;
  int& computed;
};

// Its gradient is 5, left pending.
Variable leaves_pending(const Variable& x, int& computed) {
  return Tape::record("leaving", Tensor::full({1}, 1), {x}, {}, [&](BackwardContext& context, const Saved&) {
    context.leave_pending(0, std::make_shared<PendingNumber>(5, computed));
    return std::vector<Tensor>{Tensor()};
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

TEST_CASE("tape: a backward may take what has arrived of an input's gradient, and gives the sum") {
  const Variable x = scalar(1);
  const Variable y = times(x, 2);
  const Variable before = times(y, 100);  // its gradient arrives behind the sum
  const auto taking = [](BackwardContext& context, const Saved&) {
    Tensor sum = context.take_gradient(0);
    REQUIRE(sum.item() == 7);
    CHECK_FALSE(context.take_gradient(0).defined());
    return std::vector<Tensor>{Tensor::full({1}, sum.item() + context.dy().item())};
  };
  const Variable taken = Tape::record("taking", Tensor::full({1}, 1), {y}, {}, taking);
  add(add(taken, times(y, 7)), before).backward();
  CHECK(x.grad().item() == 2 * (7 + 1 + 100));
}

TEST_CASE("tape: nothing has arrived at a leaf, or where no other path has come by") {
  const auto taking = [](BackwardContext& context, const Saved&) {
    CHECK_FALSE(context.take_gradient(0).defined());
    return std::vector<Tensor>{context.dy()};
  };
  const auto take = [&](const Variable& x) {
    return Tape::record("taking", Tensor::full({1}, 1), {x}, {}, taking);
  };
  const Variable x = scalar(1);
  take(times(x, 5)).backward();
  take(x).backward();
  CHECK(x.grad().item() == 6);
}

TEST_CASE("tape: a pending gradient goes to the backward that takes it, without being computed") {
  int computed = 0;
  const Variable x = scalar(1);
  const Variable y =
      Tape::record("taking", Tensor::full({1}, 1), {x}, {}, [](BackwardContext& context, const Saved&) {
        const auto pending = context.pending_dy<PendingNumber>();
        REQUIRE(pending != nullptr);
        return std::vector<Tensor>{Tensor::full({1}, 2 * pending->value)};
      });
  leaves_pending(y, computed).backward();
  CHECK(x.grad().item() == 10);
  CHECK(computed == 0);
}

TEST_CASE("tape: a pending gradient is computed, once, for all others: backwards, sums and leaves") {
  int computed = 0;
  const Variable x = scalar(1);
  SECTION("for a backward that takes tensors") {
    leaves_pending(times(x, 2), computed).backward();
    CHECK(x.grad().item() == 10);
  }
  SECTION("to be added to what has arrived") {
    const Variable y = times(x, 2), first = leaves_pending(y, computed);
    add(first, times(y, 3)).backward();
    CHECK(x.grad().item() == 2 * (5 + 3));
  }
  SECTION("for what arrives later") {
    const Variable y = times(x, 2), later = times(y, 3);
    add(later, leaves_pending(y, computed)).backward();
    CHECK(x.grad().item() == 2 * (5 + 3));
  }
  SECTION("for a leaf") {
    leaves_pending(x, computed).backward();
    CHECK(x.grad().item() == 5);
  }
  CHECK(computed == 1);
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
  const auto before = device_memory({}).live_bytes;
  const Tensor saved = Tensor::zeros({1000});
  const Variable y =
      Tape::record("saver", Tensor::full({1}, 1), {x}, {{SavedKind::activation, saved.clone()}},
                   [](Tensor dy, const Saved&) { return std::vector<Tensor>{std::move(dy)}; });
  CHECK(device_memory({}).live_bytes > before + 8000);
  y.backward();
  CHECK(device_memory({}).live_bytes < before + 8000);
}

TEST_CASE("tape: backward gets what was saved, in its order") {
  const Variable x = scalar(1);
  const Tensor ternary = Tensor::from<std::int8_t>({1, 2}, {1, -1});
  const Variable y = Tape::record(
      "saver", Tensor::full({1}, 1), {x},
      {{SavedKind::ternary, kernels::pack_ternary(ternary)}, {SavedKind::activation, Tensor::full({1}, 7)}},
      [](const Tensor&, const Saved& saved) {
        CHECK(kernels::unpack_ternary(saved.packed(0)).to_vector<std::int8_t>() ==
              std::vector<std::int8_t>{1, -1});
        return std::vector<Tensor>{saved[1]};
      });
  y.backward();
  CHECK(x.grad().item() == 7);
}

TEST_CASE("tape: saved bytes are counted by kind, each storage once") {
  const auto save = [](const Variable& x, Saved saved) {
    return Tape::record("saver", Tensor::full({1}, 1), {x}, std::move(saved),
                        [](Tensor dy, const Saved&) { return std::vector<Tensor>{std::move(dy)}; });
  };
  const Tensor shared = Tensor::zeros({10, 4});
  const PackedTernary packed = kernels::pack_ternary(Tensor::zeros({3, 65}, DType::i8));
  const Variable a = save(scalar(1), {{SavedKind::activation, shared}, {SavedKind::ternary, packed}});
  const Variable b = save(a, {{SavedKind::activation, shared.reshape({40})}, {SavedKind::index, Tensor()}});
  const Variable c = save(a, {{SavedKind::integer, Tensor::zeros({7}, DType::i16)}});
  const std::map<SavedKind, std::size_t> expected{
      {SavedKind::activation, 160}, {SavedKind::ternary, 3 * 2 * 16}, {SavedKind::integer, 14}};
  const Variable sum = add(b, c);  // the diamond reaches `a` twice
  CHECK(Tape::saved_bytes(sum) == expected);
  CHECK(Tape::saved_bytes(scalar(1)).empty());
  sum.backward();
  CHECK(Tape::saved_bytes(sum).empty());
}

TEST_CASE("tape: a backward that gives a wrong shape, dtype or number of gradients is caught by name") {
  const Variable x = scalar(1);
  const auto record = [&](const std::vector<Tensor>& gradients) {
    return Tape::record("broken", Tensor::full({1}, 1), {x}, {},
                        [=](const Tensor&, const Saved&) { return gradients; });
  };
  CHECK_THROWS_WITH(record({Tensor::zeros({2})}).backward(), Catch::Contains("broken"));
  CHECK_THROWS_WITH(record({}).backward(), Catch::Contains("broken"));
  CHECK_THROWS_WITH(record({Tensor::zeros({1}, DType::bf16)}).backward(),
                    "broken: the gradient of input 0 is bf16, the input is f32");
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
    return Tape::record("wrong", v[0].value().clone(), {v[0]}, {}, [](const Tensor& dy, const Saved&) {
      return std::vector<Tensor>{Tensor::full(dy.shape(), 0.5F)};
    });
  };
  CHECK(test::gradcheck(wrong, {scalar(1)}) != "");
}
