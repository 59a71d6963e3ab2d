#include "tern/layers/optim/optimizer.h"

#include <functional>
#include <limits>

#include "tern/core/error.h"
#include "tern/kernels/add.h"
#include "tern/layers/autograd/deferred_gradient.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/optim/adam.h"
#include "tern/layers/optim/clip.h"
#include "tern/layers/optim/sgd.h"
#include "tern/layers/ternary/sttn.h"
#include "tests/layers/optim/golden_problem.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

using Groups = std::vector<ParameterGroup>;
using Make = std::function<std::unique_ptr<Optimizer>(const Groups&)>;

// What holds for every optimiser is tested on all of them.
std::vector<Make> optimizers() {
  return {
      [](const Groups& w) {
        return std::make_unique<Sgd>(w, SgdConfig{.momentum = 0.9, .weight_decay = 0.125, .nesterov = true});
      },
      [](const Groups& w) { return std::make_unique<Adam>(w, AdamConfig{.weight_decay = 0.125}); },
      [](const Groups& w) {
        return std::make_unique<Adam>(w, AdamConfig{.weight_decay = 0.125, .decoupled_weight_decay = true});
      },
  };
}

Groups one_group(NamedVariables parameters) {
  return {{.parameters = std::move(parameters)}};
}

std::map<std::string, Tensor> copy_of_state(const Optimizer& optimizer) {
  std::map<std::string, Tensor> saved;
  for (const auto& [name, tensor] : optimizer.state()) saved.emplace(name, tensor.clone());
  return saved;
}

// The latent weights of a pair of binary branches.
NamedVariables random_branches(Device device) {
  return {{"w1", Variable(test::random_tensor({3, 2, 2, 5}, 1).to(device), true)},
          {"w2", Variable(test::random_tensor({3, 2, 2, 5}, 2).to(device), true)}};
}

void backward_through_pair(const NamedVariables& branches, unsigned seed) {
  const Variable &w1 = branches[0].second, &w2 = branches[1].second;
  binary_branch_weights(w1, w2, WeightGradientRule::exact)
      .ternary.backward(test::random_tensor(w1.shape(), seed).to(w1.value().device()));
}

}  // namespace

TEST_CASE("optimizer: the gradient scale acts like scaled gradients, to the bit, and leaves them alone") {
  const Device device = test::each_device();
  for (const Make& make : optimizers()) {
    const Variable plain = test::golden_parameter(device);
    test::golden_steps(*make(one_group({{"w", plain}})), plain, 0, 3);
    const Variable scaled = test::golden_parameter(device);
    test::golden_steps(*make(one_group({{"w", scaled}})), scaled, 0, 3,
                       8.0F);  // a power of two scales without rounding
    CHECK(plain.value().to_vector<float>() == scaled.value().to_vector<float>());
    CHECK(scaled.grad().to_vector<float>() == test::golden_gradient(2, 8.0F).to_vector<float>());
  }
}

TEST_CASE("optimizer: continues from saved state to the bit") {
  const Device device = test::each_device();
  for (const Make& make : optimizers()) {
    const Variable straight = test::golden_parameter(device);
    const auto first = make(one_group({{"w", straight}}));
    test::golden_steps(*first, straight, 0, 2);
    const Variable resumed(straight.value().clone(), true);
    const auto second = make(one_group({{"w", resumed}}));
    second->load_state(copy_of_state(*first));
    CHECK(second->step_count() == 2);
    test::golden_steps(*first, straight, 2, 5);
    test::golden_steps(*second, resumed, 2, 5);
    CHECK(straight.value().to_vector<float>() == resumed.value().to_vector<float>());
  }
}

TEST_CASE("optimizer: a parameter without a gradient is left alone") {
  const Device device = test::each_device();
  for (const Make& make : optimizers()) {
    const Variable w = test::golden_parameter(device);
    const auto optimizer = make(one_group({{"w", w}}));
    optimizer->step(test::kGoldenLr);
    CHECK(w.value().to_vector<float>() == test::golden_parameter(device).value().to_vector<float>());
    CHECK(optimizer->step_count() == 1);
  }
}

TEST_CASE("optimizer: a pair of branches is updated straight from the gradient of T, with the same bits") {
  const Device device = test::each_device();
  for (const Make& make : optimizers()) {
    const NamedVariables fused = random_branches(device), plain = random_branches(device);
    const auto fused_optimizer = make(one_group(fused)), plain_optimizer = make(one_group(plain));
    for (unsigned step = 0; step < 3; ++step) {
      for (const NamedVariables& branches : {fused, plain}) backward_through_pair(branches, 10 + step);
      const std::vector<Tensor> gradients{plain[0].second.grad(), plain[1].second.grad()};
      for (int branch = 0; branch < 2; ++branch) test::set_gradient(plain[branch].second, gradients[branch]);
      // Neither reading the gradients nor their norm ends the fused step.
      CHECK(test::bit_difference(fused[1].second.grad(), gradients[1]) == "");
      const double norm = gradient_norm(fused);
      CHECK(norm == gradient_norm(plain));
      CHECK(fused[0].second.deferred_grad().gradient != nullptr);
      fused_optimizer->step(test::kGoldenLr, clip_scale(norm, 0.125));
      plain_optimizer->step(test::kGoldenLr, clip_scale(norm, 0.125));
      for (NamedVariables branches : {fused, plain}) {
        for (auto& [name, w] : branches) w.clear_grad();
      }
    }
    for (int branch = 0; branch < 2; ++branch) {
      CHECK(test::bit_difference(fused[branch].second.value(), plain[branch].second.value()) == "");
    }
    const std::map<std::string, Tensor> state = copy_of_state(*plain_optimizer);
    for (const auto& [name, tensor] : fused_optimizer->state()) {
      INFO(name);
      CHECK(test::bit_difference(tensor, state.at(name)) == "");
    }
  }
}

TEST_CASE(
    "optimizer: each group has its learning rate and decay, to the bit those of an optimiser of its own") {
  const Device device = test::each_device();
  for (const Make& make : optimizers()) {
    const Variable a = test::golden_parameter(device), b = test::golden_parameter(device);
    const Variable alone = test::golden_parameter(device);
    const auto grouped = make(
        {{.parameters = {{"a", a}}}, {.parameters = {{"b", b}}, .lr_factor = 0.5, .weight_decay = 0.25}});
    const auto single = make({{.parameters = {{"b", alone}}, .weight_decay = 0.25}});
    for (int t = 0; t < 3; ++t) {
      for (const Variable& w : {a, b, alone}) test::set_gradient(w, test::golden_gradient(t));
      grouped->step(test::kGoldenLr);
      single->step(test::kGoldenLr / 2);
    }
    const Variable plain = test::golden_parameter(device);
    test::golden_steps(*make(one_group({{"w", plain}})), plain, 0, 3);
    CHECK(test::bit_difference(a.value(), plain.value()) == "");
    CHECK(test::bit_difference(b.value(), alone.value()) == "");
    CHECK(test::bit_difference(a.value(), b.value()) != "");
  }
}

TEST_CASE("optimizer: branches of two groups are updated each by the settings of its own") {
  const Device device = test::each_device();
  for (const Make& make : optimizers()) {
    const NamedVariables pair = random_branches(device), plain = random_branches(device);
    for (const NamedVariables& branches : {pair, plain}) backward_through_pair(branches, 10);
    const auto split = [](const NamedVariables& branches) -> Groups {
      return {{.parameters = {branches[0]}}, {.parameters = {branches[1]}, .lr_factor = 3}};
    };
    const std::vector<Tensor> gradients{plain[0].second.grad(), plain[1].second.grad()};
    for (int branch = 0; branch < 2; ++branch) test::set_gradient(plain[branch].second, gradients[branch]);
    make(split(pair))->step(test::kGoldenLr);
    make(split(plain))->step(test::kGoldenLr);
    for (int branch = 0; branch < 2; ++branch) {
      CHECK(test::bit_difference(pair[branch].second.value(), plain[branch].second.value()) == "");
    }
  }
}

TEST_CASE("optimizer: a step uses deferred gradients up, for they depend on the weights before it") {
  const Device device = test::each_device();
  const NamedVariables branches = random_branches(device);
  backward_through_pair(branches, 10);
  Adam(branches, {}).step(test::kGoldenLr);
  CHECK_FALSE(branches[0].second.has_grad());
  CHECK_FALSE(branches[1].second.grad().defined());
}

TEST_CASE("optimizer: a deferred gradient without a fused step is applied like stored ones") {
  class Constant : public DeferredGradient {
   public:
    explicit Constant(Tensor dw) : DeferredGradient(1), dw_(std::move(dw)) {}
    std::vector<Tensor> materialise() const override { return {dw_}; }

   private:
    Tensor dw_;
  };
  const Device device = test::each_device();
  const Tensor dw = test::random_tensor({3, 2, 2, 5}, 4).to(device);
  for (const Make& make : optimizers()) {
    const NamedVariables deferred{random_branches(device)[0]}, stored{random_branches(device)[0]};
    Tape::defer(std::make_shared<Constant>(dw), {deferred[0].second});
    test::set_gradient(stored[0].second, dw);
    CHECK(gradient_norm(deferred) == gradient_norm(stored));
    make(one_group(deferred))->step(test::kGoldenLr);
    make(one_group(stored))->step(test::kGoldenLr);
    CHECK(test::bit_difference(deferred[0].second.value(), stored[0].second.value()) == "");
  }
}

TEST_CASE("optimizer: pairs of all sizes, rules and groups are updated together as each would be alone") {
  const Device device = test::each_device();
  struct Pair {
    Shape shape;
    WeightGradientRule rule;
    double lr_factor;
  };
  const std::vector<Pair> pairs = {{{3, 2, 2, 5}, WeightGradientRule::exact, 1},
                                   {{4, 1, 1, 9}, WeightGradientRule::exact, 1},
                                   {{3, 2, 2, 5}, WeightGradientRule::official, 1},
                                   {{2, 1, 1, 4}, WeightGradientRule::exact, 3},
                                   {{5, 8}, WeightGradientRule::polynomial, 1}};
  const auto group_of = [&](std::size_t i) {
    const auto name = [i](int branch) { return std::to_string(i) + "." + std::to_string(branch); };
    ParameterGroup group{.parameters = {}, .lr_factor = pairs[i].lr_factor};
    for (const int branch : {0, 1}) {
      const auto seed = static_cast<std::uint32_t>(2 * i) + static_cast<std::uint32_t>(branch);
      group.parameters.emplace_back(name(branch),
                                    Variable(test::random_tensor(pairs[i].shape, seed).to(device), true));
    }
    return group;
  };
  const auto backward = [&](const ParameterGroup& group, std::size_t i, unsigned step) {
    const Tensor dt = test::random_tensor(pairs[i].shape, 100 * step + static_cast<unsigned>(i)).to(device);
    binary_branch_weights(group.parameters[0].second, group.parameters[1].second, pairs[i].rule)
        .ternary.backward(dt);
  };
  for (const Make& make : optimizers()) {
    Groups together, alone;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      together.push_back(group_of(i));
      alone.push_back(group_of(i));
    }
    const auto optimizer = make(together);
    std::vector<std::unique_ptr<Optimizer>> optimizers_of_each;
    for (const ParameterGroup& group : alone) optimizers_of_each.push_back(make({group}));
    for (unsigned step = 1; step <= 2; ++step) {
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        backward(together[i], i, step);
        backward(alone[i], i, step);
        optimizers_of_each[i]->step(test::kGoldenLr, 0.5);
      }
      optimizer->step(test::kGoldenLr, 0.5);
    }
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      for (const int branch : {0, 1}) {
        INFO("pair " << i << ", branch " << branch);
        CHECK(test::bit_difference(together[i].parameters[branch].second.value(),
                                   alone[i].parameters[branch].second.value()) == "");
      }
    }
  }
}

TEST_CASE("optimizer: a deferred gradient with a fused step for one is asked for each, and may have none") {
  class Single : public DeferredGradient {
   public:
    Single(Tensor w, Tensor dw, bool fused)
        : DeferredGradient(1), w_(std::move(w)), dw_(std::move(dw)), fused_(fused) {}
    std::vector<Tensor> materialise() const override { return {dw_}; }
    bool apply(const kernels::AdamStep& step, std::vector<kernels::AdamMoments> moments) override {
      if (!fused_) return false;
      std::vector<kernels::AdamParameter> parameters{{w_, dw_, moments.at(0).m, moments.at(0).v}};
      kernels::adam_step(parameters, step);
      return true;
    }
    bool apply(const kernels::SgdStep& step, std::vector<Tensor> buffers) override {
      if (!fused_) return false;
      std::vector<kernels::SgdParameter> parameters{{w_, dw_, buffers.at(0)}};
      kernels::sgd_step(parameters, step);
      return true;
    }

   private:
    Tensor w_, dw_;
    bool fused_;
  };
  const Device device = test::each_device();
  for (const Make& make : optimizers()) {
    NamedVariables deferred, stored;
    for (std::uint32_t i = 0; i < 3; ++i) {
      for (NamedVariables* parameters : {&deferred, &stored}) {
        parameters->emplace_back(std::to_string(i), Variable(test::random_tensor({4}, i).to(device), true));
      }
      const Tensor dw = test::random_tensor({4}, 10 + i).to(device);
      const Variable& leaf = deferred.back().second;
      Tape::defer(std::make_shared<Single>(leaf.value(), dw, i != 1), {leaf});
      test::set_gradient(stored.back().second, dw);
    }
    make(one_group(deferred))->step(test::kGoldenLr);
    make(one_group(stored))->step(test::kGoldenLr);
    for (std::size_t i = 0; i < deferred.size(); ++i) {
      CHECK(test::bit_difference(deferred[i].second.value(), stored[i].second.value()) == "");
      CHECK_FALSE(deferred[i].second.has_grad());
    }
  }
}

TEST_CASE("optimizer: a branch whose twin is no parameter is updated by its own gradient") {
  const Device device = test::each_device();
  for (const Make& make : optimizers()) {
    const NamedVariables alone = random_branches(device), both = random_branches(device);
    backward_through_pair(alone, 10);
    backward_through_pair(both, 10);
    make(one_group({alone[1]}))->step(test::kGoldenLr);
    make(one_group(both))->step(test::kGoldenLr);
    CHECK(test::bit_difference(alone[1].second.value(), both[1].second.value()) == "");
    CHECK(test::bit_difference(alone[0].second.value(), random_branches(device)[0].second.value()) == "");
    // The twin has the gradient of the weights before the step.
    const NamedVariables before = random_branches(device);
    backward_through_pair(before, 10);
    CHECK(test::bit_difference(alone[0].second.grad(), before[0].second.grad()) == "");
  }
}

TEST_CASE("optimizer: gradients of a pair from two backward passes add up") {
  const Device device = test::each_device();
  const NamedVariables twice = random_branches(device), first = random_branches(device),
                       second = random_branches(device);
  backward_through_pair(first, 10);
  backward_through_pair(second, 11);
  backward_through_pair(twice, 10);
  backward_through_pair(twice, 11);
  for (int branch = 0; branch < 2; ++branch) {
    const Tensor sum = kernels::add(first[branch].second.grad(), second[branch].second.grad());
    CHECK(test::bit_difference(twice[branch].second.grad(), sum) == "");
  }
}

TEST_CASE("optimizer: state that does not fit is refused as a whole") {
  const Variable w = test::golden_parameter({});
  Sgd sgd({{"w", w}}, {.momentum = 0.9});
  std::map<std::string, Tensor> saved = copy_of_state(sgd);
  *saved.at("step").data<std::int64_t>() = 7;
  saved["w.momentum_buffer"] = Tensor::zeros({3});
  CHECK_THROWS_AS(sgd.load_state(saved), DataError);
  CHECK(sgd.step_count() == 0);
}

TEST_CASE("optimizer: a learning rate or scale that is not finite is refused") {
  Sgd sgd({{"w", test::golden_parameter({})}}, {});
  CHECK_THROWS_AS(sgd.step(std::numeric_limits<double>::quiet_NaN()), NumericError);
  CHECK_THROWS_AS(sgd.step(0.1, std::numeric_limits<double>::infinity()), NumericError);
  CHECK(sgd.step_count() == 0);
}

TEST_CASE("optimizer: groups of a negative learning rate or decay are refused") {
  const NamedVariables w{{"w", test::golden_parameter({})}};
  CHECK_THROWS_AS(Sgd(Groups{{.parameters = w, .lr_factor = -1}}, {}), ConfigError);
  CHECK_THROWS_AS(Adam(Groups{{.parameters = w, .weight_decay = -0.1}}, {}), ConfigError);
}

TEST_CASE("optimizer: parameters have to be trainable and listed once") {
  const Variable w = test::golden_parameter({});
  CHECK_THROWS_AS(Sgd({{"w", w}, {"w", w}}, {}), ShapeError);
  CHECK_THROWS_AS(Sgd({{"frozen", Variable(Tensor::zeros({2}))}}, {}), ShapeError);
  CHECK_THROWS_AS(Sgd({{"undefined", Variable()}}, {}), ShapeError);
}
