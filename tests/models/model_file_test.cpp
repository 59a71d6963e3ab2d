#include "tern/models/model_file.h"

#include <filesystem>

#include "tern/core/error.h"
#include "tern/core/safetensors.h"
#include "tern/layers/graph/json.h"
#include "tern/layers/state_dict.h"
#include "tern/models/initialise.h"
#include "tern/models/merge.h"
#include "tests/models/resnets.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/nchw.h"
#include "tests/support/stored_floats.h"
#include "tests/support/temporary_directory.h"

using namespace tern;
using Catch::Contains;

namespace {

void save(const std::filesystem::path& path, const Module& network, const Metadata& metadata = {}) {
  const NetworkConfig config = test::registered(test::kSmallPair);
  save_checkpoint(path, network, config.image, &config, metadata);
}

std::unique_ptr<Module> pair_network() {
  auto network = make_resnet(test::kSmallPair);
  initialise(*network, {}, 5);
  return network;
}

std::map<std::string, std::vector<double>> values(const Module& network) {
  std::map<std::string, std::vector<double>> all;
  for (const StateEntry& entry : state_dict(network)) all.emplace(entry.name, test::as_doubles(entry.tensor));
  return all;
}

// The content of a file with one tensor replaced or added.
void replace_tensor(const std::filesystem::path& path, const std::string& name, const Tensor& tensor) {
  Metadata metadata;
  std::map<std::string, Tensor> tensors;
  {
    const SafetensorsFile file = SafetensorsFile::open(path);
    metadata = file.metadata();
    for (const std::string& other : file.names()) tensors.emplace(other, file.read(other));
  }
  tensors.insert_or_assign(name, tensor);
  write_safetensors(path, metadata, {tensors.begin(), tensors.end()});
}

}  // namespace

TEST_CASE("model file: a network on a device is saved as one on the CPU, and loaded into one") {
  const Device device = test::each_device();
  const test::TemporaryDirectory folder;
  const auto network = pair_network();
  save(folder / "cpu.safetensors", *network);
  network->to(device);
  save(folder / "device.safetensors", *network);
  CHECK(test::read_bytes(folder / "device.safetensors") == test::read_bytes(folder / "cpu.safetensors"));
  const auto other = make_resnet(test::kSmallPair);
  other->to(device);
  load_weights(folder / "cpu.safetensors", *other);
  CHECK(values(*other) == values(*network));
}

TEST_CASE("model file: a checkpoint comes back as it was, in PyTorch's layout on disk") {
  const test::TemporaryDirectory folder;
  const auto network = pair_network();
  save(folder / "a.safetensors", *network, {{"note", "x"}});
  const LoadedModel loaded = load_model(folder / "a.safetensors");
  CHECK(values(*loaded.network) == values(*network));
  CHECK(loaded.config->json == test::registered(test::kSmallPair).json);
  CHECK(loaded.metadata.at("note") == "x");
  CHECK(loaded.metadata.at("format") == "tern-checkpoint");
  CHECK_FALSE(loaded.network->training());
  const SafetensorsFile file = SafetensorsFile::open(folder / "a.safetensors");
  CHECK(file.info("features.4.conv1_1.weight").shape == Shape{16, 8, 3, 3});
  for (const auto& [name, parameter] : network->named_parameters()) {
    if (name != "features.4.conv1_1.weight") continue;
    CHECK(test::channels_last(file.read(name)).to_vector<float>() == parameter.value().to_vector<float>());
  }
}

TEST_CASE("model file: a merged model stores trits and scales and comes back as it was") {
  const test::TemporaryDirectory folder;
  const auto network = pair_network();
  const MergedNetwork merged = merge(*network, test::kSmallPair.image);
  save_merged(folder / "m.safetensors", merged, {});
  const SafetensorsFile file = SafetensorsFile::open(folder / "m.safetensors");
  CHECK(file.info("features.3.conv1.weight.trits").dtype == DType::u8);
  CHECK(file.info("features.3.conv1.weight.trits").shape == Shape{(8 * 8 * 9 + 4) / 5});
  CHECK(file.info("features.3.conv1.weight.scale").shape == Shape{8});
  const LoadedModel loaded = load_model(folder / "m.safetensors");
  CHECK(loaded.metadata.at("format") == "tern-merged");
  CHECK(values(*loaded.network) == values(GraphModule(merged)));
  CHECK(to_json(loaded.graph) == to_json(merged.graph));
}

TEST_CASE(
    "model file: weights of four levels take two bits, in a file of a version that older readers refuse") {
  const test::TemporaryDirectory folder;
  const auto path = folder / "m.safetensors";
  const NetworkConfig config = parse_network_config(
      R"({"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [7], "depths": [1], "input_size": 8,
          "classes": 3, "branches": 3})");
  const auto network = config.make();
  initialise(*network, {}, 5);
  save_checkpoint(path, *network, config.image, &config, {});
  CHECK(SafetensorsFile::open(path).metadata().at("format_version") == "3");
  CHECK(values(*load_model(path).network) == values(*network));

  const MergedNetwork merged = merge(*network, config.image);
  save_merged(path, merged, {});
  const std::string weight = "features.3.conv1.weight";
  {
    const SafetensorsFile file = SafetensorsFile::open(path);
    CHECK(file.metadata().at("format_version") == "3");
    CHECK(file.info(weight + ".levels").shape == Shape{(7 * 7 * 9 + 3) / 4});
  }
  const LoadedModel loaded = load_model(path);
  CHECK(values(*loaded.network) == values(GraphModule(merged)));
  CHECK(to_json(loaded.graph) == to_json(merged.graph));

  replace_tensor(path, weight + ".levels", Tensor::from<std::uint8_t>({2}, {0, 0}));
  CHECK_THROWS_WITH(load_model(path),
                    Contains(weight + ".levels: u8 (2,)") && Contains("expected 111 bytes"));
  save_merged(path, merged, {});
  replace_tensor(path, weight + ".levels",
                 Tensor::from<std::uint8_t>({111}, std::vector<std::uint8_t>(111, 255)));
  CHECK_THROWS_WITH(load_model(path), Contains(weight + ".levels") && Contains("filling"));

  MergedNetwork ternary = merged;
  Tensor& values_of = ternary.state.at(weight);
  values_of.data<std::int8_t>()[0] = 0;
  CHECK_THROWS_WITH(GraphModule(ternary),
                    Contains("features.3.conv1: weight 0 is not one of -3, -1, 1 and 3"));
  CHECK_THROWS_WITH(save_merged(path, ternary, {}), Contains("value 0 at 0"));
}

TEST_CASE("model file: floats that another program stored in other widths are read as f32") {
  const test::TemporaryDirectory folder;
  const auto network = pair_network();
  save(folder / "pair", *network);
  save_merged(folder / "merged", merge(*network, test::kSmallPair.image), {});
  for (const char* kind : {"pair", "merged"}) {
    test::round_floats(folder / kind);
    const auto expected = values(*load_model(folder / kind).network);
    for (const char* dtype : {"F64", "F16", "BF16"}) {
      INFO(kind << " " << dtype);
      test::write_with_floats_as(dtype, folder / kind, folder / "other");
      CHECK(values(*load_model(folder / "other").network) == expected);
      if (std::string(kind) == "merged") continue;
      const auto loaded = make_resnet(test::kSmallPair);
      load_weights(folder / "other", *loaded);
      CHECK(values(*loaded) == expected);
    }
  }
}

TEST_CASE("model file: integers where floats belong are refused by name, and what is no number of f32") {
  const test::TemporaryDirectory folder;
  save(folder / "a", *pair_network());
  replace_tensor(folder / "a", "features.1.weight", Tensor::zeros({8}, DType::i32));
  CHECK_THROWS_WITH(load_model(folder / "a"), Contains("features.1.weight is i32 (8,), expected f32 (8,)"));
  save(folder / "a", *pair_network());
  replace_tensor(folder / "a", "features.1.weight", Tensor::full({8}, INFINITY));
  test::write_with_floats_as("F64", folder / "a", folder / "b");
  CHECK_THROWS_WITH(load_model(folder / "b"), Contains("features.1.weight") && Contains("inf"));
}

TEST_CASE("model file: another architecture is refused with what differs, and nothing is loaded") {
  const test::TemporaryDirectory folder;
  save(folder / "a.safetensors", *pair_network());
  ResNetConfig other = test::kSmallPair;
  other.widths = {8, 24};
  other.depths = {2, 1};
  const auto network = make_resnet(other);
  const auto before = values(*network);
  try {
    load_weights(folder / "a.safetensors", *network);
    FAIL("loaded");
  } catch (const DataError& error) {
    const std::string message = error.what();
    CHECK_THAT(message, Contains("a.safetensors"));
    CHECK_THAT(message, Contains("missing (22): features.5.bn1.weight"));
    CHECK_THAT(message, Contains("of another shape or type (19): ") &&
                            Contains("features.4.conv1_1.weight is f32 (16, 3, 3, 8), expected"));
  }
  CHECK(values(*network) == before);
}

TEST_CASE("model file: what is not a model, or of another version, is refused by name") {
  const test::TemporaryDirectory folder;
  const auto path = folder / "a.safetensors";
  write_safetensors(path, {}, {});
  CHECK_THROWS_WITH(load_model(path), Contains("a.safetensors") && Contains("\"format\""));
  write_safetensors(path, {{"format", "tern-checkpoint"}, {"format_version", "99"}}, {});
  CHECK_THROWS_WITH(load_model(path), Contains("version 99"));
  write_safetensors(path, {{"format", "tern-run-state"}, {"format_version", "1"}}, {});
  CHECK_THROWS_WITH(load_model(path), Contains("tern-run-state"));
}

TEST_CASE("model file: merged weights from outside are checked") {
  const test::TemporaryDirectory folder;
  const auto path = folder / "m.safetensors";
  const auto network = pair_network();
  const MergedNetwork merged = merge(*network, test::kSmallPair.image);
  const auto refuse = [&](const std::string& name, const Tensor& tensor, const std::string& message) {
    save_merged(path, merged, {});
    replace_tensor(path, name, tensor);
    CHECK_THROWS_WITH(load_model(path), Contains("m.safetensors") && Contains(message));
  };
  const std::string conv = "features.3.conv1.weight";
  refuse(conv + ".trits", Tensor::from<std::uint8_t>({116}, std::vector<std::uint8_t>(116, 243)), "243");
  refuse(conv + ".trits", Tensor::from<std::uint8_t>({3}, {0, 0, 0}), "expected 116");
  refuse(conv + ".trits", Tensor::full({116}, 0), "f32 (116,)");
  refuse(conv + ".trits", Tensor::from<std::uint8_t>({116}, std::vector<std::uint8_t>(116, 0)),
         conv + ".trits");
  refuse(conv + ".scale", Tensor::full({8}, -1), conv + ".scale: value -1 at 0");
  refuse(conv + ".scale", Tensor::full({8}, std::numeric_limits<float>::quiet_NaN()), "scale: value nan");
  refuse(conv + ".scale", Tensor::full({9}, 1), "(9,)");
}

TEST_CASE("model file: weights of a merged model that are not stored as trits and scales are refused") {
  const test::TemporaryDirectory folder;
  const auto path = folder / "m.safetensors";
  const auto network = pair_network();
  const MergedNetwork merged = merge(*network, test::kSmallPair.image);
  for (const auto& [name, tensor] :
       {std::pair("features.3.conv1.weight", Tensor::zeros({8, 3, 3, 8}, DType::i8)),
        std::pair("features.3.conv1.scale", Tensor::zeros({8}))}) {
    save_merged(path, merged, {});
    replace_tensor(path, name, tensor);
    CHECK_THROWS_WITH(load_model(path),
                      Contains("m.safetensors: tensor " + std::string(name) + " does not belong"));
  }
}

TEST_CASE("model file: numbers that no network can have are refused by name") {
  const test::TemporaryDirectory folder;
  const auto path = folder / "m.safetensors";
  const auto network = pair_network();
  const MergedNetwork merged = merge(*network, test::kSmallPair.image);
  const auto refuse = [&](const std::string& name, std::vector<float> numbers, const std::string& message) {
    const std::int64_t count = static_cast<std::int64_t>(numbers.size());
    save_merged(path, merged, {});
    replace_tensor(path, name, Tensor::from<float>({count}, numbers));
    CHECK_THROWS_WITH(load_model(path), Contains("m.safetensors") && Contains(name + message));
  };
  const float infinity = std::numeric_limits<float>::infinity();
  refuse("features.1.running_var", {1, 1, -1e-30F, 1, 1, 1, 1, 1},
         ": value -1e-30 at 2 is not a finite number >= 0");
  refuse("features.3.bn1.running_var", {1, 1, 1, 1, 1, 1, 1, infinity}, ": value inf at 7");
  refuse("features.3.bn_add2.weight", {-infinity, 1, 1, 1, 1, 1, 1, 1},
         ": value -inf at 0 is not a finite number");
  refuse("features.4.prelu1.weight", std::vector<float>(16, std::nanf("")), ": value nan at 0");
  refuse("fc.bias", std::vector<float>(10, std::nanf("")), ": value nan at 0");
}

TEST_CASE(
    "model file: a description that asks for more than the file holds is refused before it is followed") {
  const test::TemporaryDirectory folder;
  const auto path = folder / "m.safetensors";
  const auto refuse = [&](const std::string& model, const std::string& message) {
    write_safetensors(path, {{"format", "tern-checkpoint"}, {"format_version", "2"}, {"model", model}},
                      {{"x", Tensor::zeros({8})}});
    CHECK_THROWS_WITH(load_model(path), Contains("m.safetensors: metadata \"model\": ") && Contains(message));
  };
  refuse(R"({"family": "resnet", "block": "sttn", "widths": [8192, 8192], "depths": [200, 200]})",
         "weights, for which 32 bytes of tensors are too few");
  refuse(R"({"family": "resnet", "block": "sttn", "widths": [1], "depths": [1], "classes": 1000000})",
         "too few");
  refuse(R"({"family": "resnet", "block": "sttn", "widths": [1, 1], "depths": [1, 1], "classes": 1,
             "input_size": 9})",
         "input_size");
  refuse("{", "model: line 1");
}

TEST_CASE("model file: a merged model whose graph asks for tensors that are not there is refused by name") {
  const test::TemporaryDirectory folder;
  const auto path = folder / "m.safetensors";
  const auto refuse = [&](const std::string& graph, const std::string& message) {
    write_safetensors(path, {{"format", "tern-merged"}, {"format_version", "2"}, {"graph", graph}},
                      {{"x", Tensor::zeros({8})}});
    CHECK_THROWS_WITH(load_model(path), Contains("m.safetensors: ") && Contains(message));
  };
  const auto nodes = [](const std::string& rest) {
    return R"({"nodes": [{"name": "images", "op": "input", "shape": [8, 8, 3]}, {"name": "flat", "op": "flatten"}, )" +
           rest + R"(], "output": "a"})";
  };
  refuse(nodes(R"({"name": "a", "op": "linear", "channels": 500000000, "bias": true})"),
         "a.weight of the network is");
  refuse(nodes(R"({"name": "a", "op": "ternary_linear", "channels": 10})"),
         "a.weight.trits of the network is missing");
  refuse(nodes(R"({"name": "a", "op": "ternary_linear", "channels": 2, "method": "sttn", "parameters": []})"),
         "are those of the method sttn");
  refuse("[", "metadata \"graph\"");
}

TEST_CASE("model file: a network of one's own is saved with its graph, and its weights come back") {
  const test::TemporaryDirectory folder;
  const auto path = folder / "own.safetensors";
  const auto network = pair_network();
  save_checkpoint(path, *network, test::kSmallPair.image, nullptr, {});
  CHECK(SafetensorsFile::open(path).metadata().count("graph") == 1);
  const auto again = make_resnet(test::kSmallPair);
  load_weights(path, *again);
  CHECK(values(*again) == values(*network));
  CHECK_THROWS_WITH(load_model(path), Contains("own.safetensors: its network is none of Tern's"));
}
