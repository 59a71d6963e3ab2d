#include "tern/models/engine/model_reader.h"

#include "tern/core/error.h"
#include "tern/core/safetensors.h"
#include "tern/models/engine/plan.h"
#include "tern/models/model_file.h"
#include "tests/models/engine/merged_file.h"
#include "tests/models/resnets.h"
#include "tests/support/catch.h"
#include "tests/support/stored_floats.h"
#include "tests/support/temporary_directory.h"

using namespace tern;
using Catch::Contains;

namespace {

// What reading the whole network from these bytes says.
std::string error_of(const std::string& bytes) {
  const auto source = memory_source(bytes.data(), bytes.size(), "model");
  try {
    engine::ModelReader reader(*source);
    const engine::Plan plan(reader, 1);
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

using Tensors = std::vector<std::pair<std::string, Tensor>>;

// The file of `bytes` with its metadata and tensors changed.
template <class Change>
std::string changed(const std::string& bytes, const Change& change) {
  const test::TemporaryDirectory folder;
  const SafetensorsFile file = SafetensorsFile::from_memory(bytes.data(), bytes.size(), "model");
  Metadata metadata = file.metadata();
  std::map<std::string, Tensor> tensors;
  for (const std::string& name : file.names()) tensors.emplace(name, file.read(name));
  change(metadata, tensors);
  write_safetensors(folder / "changed", metadata, Tensors(tensors.begin(), tensors.end()));
  return test::read_bytes(folder / "changed");
}

std::string with_metadata(const std::string& bytes, const std::string& key, const std::string& value) {
  return changed(bytes, [&](Metadata& metadata, auto&) { metadata[key] = value; });
}

std::string with_tensor(const std::string& bytes, const std::string& name, const Tensor& tensor) {
  return changed(bytes, [&](Metadata&, auto& tensors) { tensors[name] = tensor; });
}

}  // namespace

TEST_CASE("engine's reader: every tensor that is missing, of another shape or of wrong values is named") {
  const std::string good = test::merged_file(test::kSmallPair).bytes;
  REQUIRE(error_of(good) == "no error");
  const SafetensorsFile file = SafetensorsFile::from_memory(good.data(), good.size(), "model");
  for (const std::string& name : file.names()) {
    INFO(name);
    if (name.find("num_batches_tracked") != std::string::npos) continue;
    const auto without = changed(good, [&](Metadata&, auto& tensors) { tensors.erase(name); });
    CHECK_THAT(error_of(without), Contains("model: tensor " + name + " of the network is missing"));
    CHECK_THAT(error_of(with_tensor(good, name, Tensor::zeros({1, 2}))),
               Contains("tensor " + name + " is f32 (1, 2)"));
    const TensorInfo& info = file.info(name);
    if (info.dtype == DType::f32) {
      CHECK_THAT(error_of(with_tensor(good, name, Tensor::full(info.shape, std::nanf("")))),
                 Contains(name) && Contains("nan"));
    }
  }
}

TEST_CASE(
    "engine's reader: negative variances and scales, bytes that are no trits and unknown tensors are "
    "refused") {
  const std::string good = test::merged_file(test::kSmallPair).bytes;
  CHECK_THAT(error_of(with_tensor(good, "features.1.running_var", Tensor::full({8}, -1))),
             Contains("features.1.running_var") && Contains("-1"));
  CHECK_THAT(error_of(with_tensor(good, "features.3.conv1.weight.scale", Tensor::full({8}, -1))),
             Contains("features.3.conv1.weight.scale") && Contains("-1"));
  CHECK_THAT(error_of(with_tensor(good, "features.3.conv1.weight.trits",
                                  Tensor::from<std::uint8_t>({116}, std::vector<std::uint8_t>(116, 243)))),
             Contains("features.3.conv1.weight.trits") && Contains("243"));
  CHECK_THAT(error_of(with_tensor(good, "extra", Tensor::zeros({1}))), Contains("\"extra\" does not belong"));
  const auto huge_gain = [](Metadata&, auto& tensors) {
    tensors["features.1.weight"] = Tensor::full({8}, 3e38F);
    tensors["features.1.running_var"] = Tensor::zeros({8});
  };
  CHECK_THAT(error_of(changed(good, huge_gain)),
             Contains("features.1.weight / sqrt(running_var)") && Contains("inf"));
}

TEST_CASE("engine's reader: floats that another program stored in other widths are read as f32") {
  const test::TemporaryDirectory folder;
  test::write_bytes(folder / "merged", test::merged_file(test::kSmallPair).bytes);
  test::round_floats(folder / "merged");
  const auto read = [](const std::filesystem::path& path) {
    const auto source = open_file(path);
    engine::ModelReader reader(*source);
    std::vector<std::vector<float>> values;
    for (const graph::Node& node : reader.graph().nodes) {
      for (const graph::Parameter& parameter : node.parameters) {
        if (parameter.role != "weight") values.push_back(reader.floats(node, parameter.role.c_str()));
      }
    }
    return values;
  };
  const auto expected = read(folder / "merged");
  REQUIRE(expected.size() > 10);
  for (const char* dtype : {"F64", "F16", "BF16"}) {
    INFO(dtype);
    test::write_with_floats_as(dtype, folder / "merged", folder / "other");
    CHECK(read(folder / "other") == expected);
  }
}

TEST_CASE("engine's reader: metadata that does not describe the network is refused") {
  const std::string good = test::merged_file(test::kSmallPair, test::model_metadata(32, 10)).bytes;
  REQUIRE(error_of(good) == "no error");
  CHECK_THAT(error_of(with_metadata(good, "format", "other")), Contains("not a model of Tern"));
  CHECK_THAT(error_of(with_metadata(good, "format_version", "99")), Contains("version 99"));
  CHECK_THAT(error_of(with_metadata(good, "graph", "{")), Contains("metadata \"graph\""));
  CHECK_THAT(error_of(with_metadata(good, "class_names", R"(["a"])")), Contains("1 names for 10 classes"));
  CHECK_THAT(error_of(with_metadata(good, "class_names", "[")), Contains("damaged"));
  const auto with_input = [&](const Metadata& metadata) {
    return error_of(with_metadata(good, "input", metadata.at("input")));
  };
  CHECK_THAT(with_input(test::model_metadata(33, 10)), Contains("size 33 x 33"));
}

TEST_CASE(
    "engine's reader: height and width of the metadata are the network's, or nothing was said of them") {
  ResNetConfig wide = test::kSmallPair;
  wide.image = {16, 24, 3};
  const std::string good = test::merged_file(wide, test::model_metadata(32, 10)).bytes;
  CHECK(error_of(good) == "no error");  // as programs wrote it before metadata had a height and a width
  ModelMetadata model;
  model.class_names.resize(10);
  const auto error_with = [&](std::int64_t height, std::int64_t width) {
    model.input.set_image({height, width, 3});
    Metadata metadata;
    add_to(metadata, model);
    return error_of(with_metadata(good, "input", metadata.at("input")));
  };
  CHECK(error_with(16, 24) == "no error");
  CHECK_THAT(error_with(24, 16), Contains("size 24 x 16, the network takes images of 16 x 24"));
}

TEST_CASE("engine's reader: a checkpoint is to be merged first") {
  const test::TemporaryDirectory folder;
  save_checkpoint(folder / "pair", *make_resnet(test::kSmallPair), test::kSmallPair.image, nullptr, {});
  CHECK_THAT(error_of(test::read_bytes(folder / "pair")), Contains("merge it with tern-merge"));
}
