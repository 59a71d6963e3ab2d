// State dicts of PyTorch: torchvision's names, OIHW, no word on which network they belong to.
#include "tern/core/error.h"
#include "tern/layers/state_dict.h"
#include "tern/layers/weight_layout.h"
#include "tern/models/initialise.h"
#include "tern/models/model_file.h"
#include "tests/models/resnets.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/pytorch_file.h"
#include "tests/support/temporary_directory.h"

using namespace tern;
using Catch::Contains;

namespace {

const ResNetConfig kConfig{BlockKind::bottleneck, Stem::imagenet, {4, 8}, {1, 2}, 5, 32};

using StateDict = std::map<std::string, Tensor>;

/// What PyTorch holds for `network`. Every value is drawn, so that none is right by default.
StateDict drawn_state_dict(const Module& network) {
  StateDict state;
  std::uint32_t seed = 0;
  for (const StateEntry& entry : state_dict(network)) {
    if (entry.tensor.dtype() == DType::i64) {
      state[entry.name] = Tensor::from<std::int64_t>({}, {7});
    } else {
      const Tensor values = test::random_tensor(entry.tensor.shape(), ++seed, 0.1F, 0.5F);
      state[entry.name] = values.shape().rank() == 4 ? ohwi_to_oihw(values) : values;
    }
  }
  return state;
}

LoadedModel import(const StateDict& state, const ResNetConfig& config = kConfig) {
  const test::TemporaryDirectory folder;
  test::write_like_pytorch(folder / "t.safetensors", {state.begin(), state.end()});
  return import_state_dict(folder / "t.safetensors", test::registered(config));
}

}  // namespace

TEST_CASE("import_state_dict: every tensor arrives, convolution weights as OHWI") {
  const StateDict state = drawn_state_dict(*make_resnet(kConfig));
  CHECK(state.at("conv1.weight").shape() == Shape{4, 3, 7, 7});
  const LoadedModel model = import(state);
  CHECK_FALSE(model.network->training());
  const auto entries = state_dict(*model.network);
  CHECK(entries.size() == state.size());
  for (const StateEntry& entry : entries) {
    INFO(entry.name);
    const Tensor& given = state.at(entry.name);
    if (entry.tensor.dtype() == DType::i64) {
      CHECK(entry.tensor.to_vector<std::int64_t>() == std::vector<std::int64_t>{7});
    } else {
      const Tensor expected = given.shape().rank() == 4 ? oihw_to_ohwi(given) : given;
      CHECK(entry.tensor.to_vector<float>() == expected.to_vector<float>());
    }
  }
}

TEST_CASE("import_state_dict: num_batches_tracked may be missing") {
  StateDict state = drawn_state_dict(*make_resnet(kConfig));
  CHECK(std::erase_if(state, [](const auto& entry) { return entry.second.dtype() == DType::i64; }) > 5);
  const LoadedModel model = import(state);
  for (const StateEntry& entry : state_dict(*model.network)) {
    if (entry.name == "fc.bias") {
      CHECK(entry.tensor.to_vector<float>() == state.at("fc.bias").to_vector<float>());
    }
  }
}

TEST_CASE("import_state_dict: every tensor that is missing, unexpected or ill-shaped is listed") {
  StateDict state = drawn_state_dict(*make_resnet(kConfig));
  state.erase("layer1.0.bn2.running_var");
  state.erase("layer2.1.conv3.weight");
  state["head.weight"] = Tensor::zeros({5, 32});
  state["fc.weight"] = Tensor::zeros({6, 32});
  state["conv1.weight"] = Tensor::zeros({4, 3, 3, 3});
  CHECK_THROWS_AS(import(state), DataError);
  CHECK_THROWS_WITH(import(state),
                    Contains("t.safetensors") &&
                        Contains("missing (2): layer1.0.bn2.running_var, layer2.1.conv3.weight") &&
                        Contains("unexpected (1): head.weight") &&
                        Contains("conv1.weight is f32 (4, 3, 3, 3), expected f32 (4, 7, 7, 3)") &&
                        Contains("fc.weight is f32 (6, 32), expected f32 (5, 32)"));
}

TEST_CASE("import_state_dict: a tensor of another type is refused") {
  StateDict state = drawn_state_dict(*make_resnet(kConfig));
  state["fc.bias"] = Tensor::from<std::int64_t>({5}, {1, 2, 3, 4, 5});
  CHECK_THROWS_WITH(import(state), Contains("fc.bias is i64 (5,), expected f32 (5,)"));
}
