#include "tern/layers/state_dict.h"

#include "tern/core/error.h"
#include "tern/layers/sequential.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"

using namespace tern;

namespace {

class Layer : public Module {
 public:
  explicit Layer(std::int64_t size) {
    register_buffer("mean", Tensor::zeros({size}));
    register_parameter("weight", Tensor::full({size}, 1));
  }
  Variable forward(const Variable& x) override { return x; }
};

std::unique_ptr<Sequential> network(int layers) {
  auto net = std::make_unique<Sequential>();
  for (int i = 0; i < layers; ++i) net->add(std::make_unique<Layer>(i + 1));
  return net;
}

std::map<std::string, Tensor> copy_of_state(const ParameterContainer& module, float value) {
  std::map<std::string, Tensor> state;
  for (const StateEntry& entry : state_dict(module)) {
    state[entry.name] = Tensor::full(entry.tensor.shape(), value);
  }
  return state;
}

std::string error_of(Module& module, const std::map<std::string, Tensor>& state) {
  try {
    load_state(module, state);
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("state_dict: parameters, then buffers, module by module") {
  const std::vector<StateEntry> entries = state_dict(*network(2));
  std::vector<std::string> names;
  for (const StateEntry& entry : entries) names.push_back(entry.name);
  CHECK(names == std::vector<std::string>{"0.weight", "0.mean", "1.weight", "1.mean"});
  CHECK(entries[0].kind == StateKind::parameter);
  CHECK(entries[1].kind == StateKind::buffer);
}

TEST_CASE("state_dict: loading overwrites parameters and buffers in place") {
  const auto net = network(2);
  const Tensor weight = net->named_parameters()[1].second.value();
  load_state(*net, copy_of_state(*net, 3));
  for (const StateEntry& entry : state_dict(*net)) {
    CHECK(entry.tensor.to_vector<float>() ==
          std::vector<float>(static_cast<std::size_t>(entry.tensor.numel()), 3.0F));
  }
  CHECK(weight.data<float>()[1] == 3);
}

TEST_CASE("state_dict: all that differs is listed, and nothing is loaded") {
  const auto net = network(2);
  std::map<std::string, Tensor> state = copy_of_state(*net, 3);
  state.erase("0.mean");
  state["stem.bias"] = Tensor::zeros({1});
  state["1.weight"] = Tensor::zeros({5});
  state["1.mean"] = Tensor::zeros({2}, DType::i32);
  CHECK(error_of(*net, state) ==
        "load_state: the given tensors do not fit; nothing was loaded\n"
        "  missing (1): 0.mean\n"
        "  unexpected (1): stem.bias\n"
        "  of another shape or type (2): 1.weight is f32 (5,), expected f32 (2,), "
        "1.mean is i32 (2,), expected f32 (2,)");
  CHECK(net->named_parameters()[0].second.value().item() == 1);
}

TEST_CASE("state_dict: an undefined tensor is refused") {
  const auto net = network(1);
  std::map<std::string, Tensor> state = copy_of_state(*net, 3);
  state["0.mean"] = Tensor();
  CHECK_THAT(error_of(*net, state), Catch::Contains("0.mean is undefined"));
}

TEST_CASE("state_dict: of many differences the first are named, and all are counted") {
  const std::string error = error_of(*network(12), {});
  CHECK_THAT(error, Catch::Contains("missing (24): 0.weight, 0.mean, "));
  CHECK_THAT(error, Catch::EndsWith("3.weight, 3.mean, ..."));
}

TEST_CASE("state dict: a network on a device takes the state of one on the CPU") {
  const Device device = test::each_device();
  const auto net = network(2);
  net->to(device);
  load_state(*net, copy_of_state(*net, 3));
  for (const StateEntry& entry : state_dict(*net)) {
    CHECK(entry.tensor.device() == device);
    CHECK(entry.tensor.to_vector<float>() ==
          std::vector<float>(static_cast<std::size_t>(entry.tensor.numel()), 3.0F));
  }
}
