#include "tern/layers/module.h"

#include "tern/core/error.h"
#include "tern/layers/batch_norm2d.h"
#include "tern/layers/functions/add.h"
#include "tern/layers/sequential.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"

using namespace tern;

namespace {

// x + offset, with a buffer that counts calls in training.
class Offset : public Module {
 public:
  explicit Offset(float value)
      : offset_(register_parameter("offset", Tensor::full({2}, value))),
        calls_(register_buffer("calls", Tensor::zeros({1}))) {}

  Variable forward(const Variable& x) override {
    if (training()) *calls_.data<float>() += 1;
    return add(x, offset_);
  }

  using Module::add_module;
  using Module::register_buffer;
  using Module::register_parameter;

 private:
  Variable& offset_;
  Tensor& calls_;
};

class Net : public Module {
 public:
  Net() {
    Sequential& body = add_module("body", std::make_unique<Sequential>());
    body.add(std::make_unique<Offset>(1));
    body.add(std::make_unique<Offset>(2));
    body_ = &body;
    register_parameter("own", Tensor::zeros({1}));  // after the children, yet listed before them
  }
  Variable forward(const Variable& x) override { return body_->forward(x); }

 private:
  Sequential* body_;
};

template <class Named>
std::vector<std::string> names_of(const Named& named) {
  std::vector<std::string> names;
  for (const auto& entry : named) names.push_back(entry.first);
  return names;
}

}  // namespace

TEST_CASE("module: parameters and buffers have dotted names, parents before children") {
  const Net net;
  CHECK(names_of(net.named_parameters()) ==
        std::vector<std::string>{"own", "body.0.offset", "body.1.offset"});
  CHECK(names_of(net.named_buffers()) == std::vector<std::string>{"body.0.calls", "body.1.calls"});
  CHECK(names_of(net.named_parameters(false)) == std::vector<std::string>{"own"});
  CHECK(net.named_buffers(false).empty());
}

TEST_CASE("module: sequential applies its children in order, gradients reach the named parameters") {
  Net net;
  const Variable y = net.forward(Variable(Tensor::full({2}, 10)));
  CHECK(y.value().to_vector<float>() == std::vector<float>{13, 13});
  y.backward(Tensor::full({2}, 5));
  CHECK(net.named_parameters()[1].second.grad().to_vector<float>() == std::vector<float>{5, 5});
  net.clear_gradients();
  for (const auto& entry : net.named_parameters()) CHECK_FALSE(entry.second.grad().defined());
}

TEST_CASE("module: an empty sequential is the identity") {
  Sequential empty;
  CHECK(empty.size() == 0);
  CHECK(empty.forward(Variable(Tensor::full({1}, 3))).value().item() == 3);
}

TEST_CASE(
    "module: handles share storage with the module, so that overwriting them changes what it computes") {
  Net net;
  net.named_parameters()[1].second.mutable_value().copy_from(Tensor::full({2}, 100));
  net.named_buffers()[0].second.copy_from(Tensor::full({1}, 7));
  CHECK(net.forward(Variable(Tensor::zeros({2}))).value().to_vector<float>() == std::vector<float>{102, 102});
  CHECK(net.named_buffers()[0].second.item() == 8);
}

TEST_CASE("module: train reaches every module, and children take the mode of their parent") {
  Net net;
  CHECK(net.training());
  net.train(false);
  net.visit([](const std::string&, ParameterContainer& module) { CHECK_FALSE(module.training()); });
  net.forward(Variable(Tensor::zeros({2})));
  CHECK(net.named_buffers()[0].second.item() == 0);
  Sequential evaluating;
  evaluating.train(false);
  CHECK_FALSE(evaluating.add(std::make_unique<Offset>(1)).training());
}

TEST_CASE("module: visit and path agree on where a module is") {
  Net net;
  std::vector<std::string> visited;
  net.visit([&visited](const std::string& path, ParameterContainer& module) {
    CHECK(module.path() == path);
    visited.push_back(path);
  });
  CHECK(visited == std::vector<std::string>{"", "body", "body.0", "body.1"});
}

TEST_CASE("module: names are refused when empty, dotted or taken, and children when null") {
  Offset module(1);
  CHECK_THROWS_AS(module.register_parameter("", Tensor::zeros({1})), ShapeError);
  CHECK_THROWS_AS(module.register_parameter("a.b", Tensor::zeros({1})), ShapeError);
  CHECK_THROWS_WITH(module.register_parameter("calls", Tensor::zeros({1})),
                    "Module: the name 'calls' is taken");
  CHECK_THROWS_AS(module.register_buffer("offset", Tensor::zeros({1})), ShapeError);
  module.add_module("child", std::make_unique<Sequential>());
  CHECK_THROWS_AS(module.add_module("child", std::make_unique<Sequential>()), ShapeError);
  CHECK_THROWS_AS(module.add_module("none", std::unique_ptr<Sequential>()), ShapeError);
  CHECK_THROWS_AS(module.register_parameter("undefined", Tensor()), ShapeError);
  CHECK_THROWS_AS(module.register_parameter("integers", Tensor::zeros({1}, DType::i32)), ShapeError);
  CHECK_THROWS_AS(module.register_buffer("undefined", Tensor()), ShapeError);
}

TEST_CASE("module: to moves parameters and buffers and keeps the variables") {
  const Device device = test::each_device();
  Net net;
  const NamedVariables before = net.named_parameters();
  add(before[1].second, before[2].second).backward(Tensor::full({2}, 1));
  REQUIRE(before[1].second.grad().defined());
  net.to(device);
  for (const auto& [name, parameter] : before) {
    CHECK(parameter.value().device() == device);
    CHECK_FALSE(parameter.grad().defined());
  }
  for (const auto& [name, buffer] : net.named_buffers()) CHECK(buffer.device() == device);
  CHECK(before[2].second.value().to_vector<float>() == std::vector<float>{2, 2});
}

TEST_CASE("module: to leaves counters on the CPU, where the layers count") {
  const Device device = test::each_device();
  BatchNorm2d norm(3);
  norm.to(device);
  for (const auto& [name, buffer] : norm.named_buffers()) {
    CHECK(buffer.device() == (name == "num_batches_tracked" ? Device{} : device));
  }
}
