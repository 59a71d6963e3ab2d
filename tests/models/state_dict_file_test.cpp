// State dicts as PyTorch saved them (tests/fixtures/make_pytorch.py), in all its formats.
#include "tern/models/formats/state_dict_file.h"

#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/fixtures.h"

using namespace tern;

namespace {

std::string fixture(const std::string& name) {
  return (test::default_fixtures() / "pytorch" / name).string();
}

std::vector<double> eighths(const Shape& shape) {
  std::vector<double> values(static_cast<std::size_t>(shape.numel()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i) / 8;
  return values;
}

/// That the file holds what make_pytorch.py puts there.
void check_content(const StateDict& state, bool with_booleans = true) {
  std::map<std::string, Shape> floats = {
      {"conv.weight", {2, 3, 2, 2}},
      {"channels_last.weight", {2, 3, 2, 2}},
      {"transposed", {4, 3}},
      {"slice", {5}},
      {"behind", {4}},
      {"tied.a", {6}},
      {"tied.b", {6}},
      {"tied.half", {3}},
      {"double", {5}},
      {"half", {5}},
      {"bfloat16", {5}},
      {"empty", {0, 3}},
  };
  CHECK(state.size() == floats.size() + (with_booleans ? 2 : 1));
  for (const auto& [name, shape] : floats) {
    INFO(name);
    REQUIRE(state.count(name) == 1);
    CHECK(state.at(name).shape == shape);
    const Tensor tensor = state.at(name).read();
    CHECK(tensor.dtype() == DType::f32);
    CHECK(tensor.shape() == shape);
    CHECK(test::as_doubles(tensor) == eighths(shape));
  }
  CHECK(state.at("norm.num_batches_tracked").shape == Shape{});
  CHECK(state.at("norm.num_batches_tracked").read().to_vector<std::int64_t>() ==
        std::vector<std::int64_t>{7});
  if (with_booleans) {
    CHECK(state.at("flags").read().to_vector<std::uint8_t>() == std::vector<std::uint8_t>{1, 0, 1});
  }
}

}  // namespace

TEST_CASE(
    "state dict: both formats of PyTorch, with strides, offsets, shared storages and every kind of float") {
  for (const char* name : {"zip.pth", "zip_protocol_4.pth", "legacy.pth"}) {
    INFO(name);
    check_content(open_state_dict(fixture(name)));
  }
}

TEST_CASE("state dict: within a checkpoint of training, of DataParallel and torch.compile") {
  for (const char* name : {"training.pth.tar", "compiled_legacy.pt", "model_state_dict.pt"}) {
    INFO(name);
    check_content(open_state_dict(fixture(name)));
  }
}

TEST_CASE("state dict: safetensors of another program, its floats as f32, its metadata ignored") {
  check_content(open_state_dict(fixture("state_dict.safetensors")), false);
}

TEST_CASE("state dict: tensors stay readable when the state dict is gone") {
  const StoredTensor tensor = open_state_dict(fixture("zip.pth")).at("transposed");
  CHECK(test::as_doubles(tensor.read()) == eighths({4, 3}));
}
