// tern-import: what PyTorch saved becomes a checkpoint, which the other programs take.
#include <fmt/format.h>

#include "tern/layers/state_dict.h"
#include "tern/layers/weight_layout.h"
#include "tern/models/import_state_dict.h"
#include "tern/models/initialise.h"
#include "tern/models/model_metadata.h"
#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/pytorch_file.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

using Catch::Contains;

/// What PyTorch would save of the network, initialised.
std::filesystem::path state_dict_of(const TemporaryDirectory& folder, const std::string& model) {
  const auto network = parse_network_config(model).make();
  initialise(*network, {}, 1);
  std::vector<std::pair<std::string, Tensor>> state;
  for (const StateEntry& entry : state_dict(*network)) {
    state.emplace_back(entry.name,
                       entry.tensor.shape().rank() == 4 ? ohwi_to_oihw(entry.tensor) : entry.tensor);
  }
  write_like_pytorch(folder / "state.safetensors", state);
  return folder / "state.safetensors";
}

ProgramResult import(const TemporaryDirectory& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"-o", (folder / "imported.safetensors").string()});
  return run_program("tern-import", arguments);
}

ModelMetadata metadata_in(const std::filesystem::path& path) {
  return read_model_metadata(load_model(path).metadata, path);
}

TEST_CASE("tern-import: a pair with biases, which merges to the bit and is evaluated") {
  const TemporaryDirectory folder;
  const auto file = state_dict_of(folder, R"({"name":"cifar_resnet20_bwx2","conv_bias":true})");
  const auto names = (digits() / "test").string();
  const ProgramResult result =
      import(folder, {file, "--model", "cifar_resnet20_bwx2", "--classes", names, "--mean", "0.5,0.4,0.3"});
  require_success(result);
  CHECK_THAT(result.out, Contains("a checkpoint, 10 classes, images of (32, 32, 3)"));
  const auto metadata = metadata_in(folder / "imported.safetensors");
  CHECK(metadata.class_names.at(3) == "3");
  CHECK(metadata.input.mean == std::vector<double>{0.5, 0.4, 0.3});
  CHECK(metadata.input.std == InputSection{}.std);
  CHECK(metadata.input.resize == 32);
  CHECK(metadata.input.crop == "center");
  require_success(
      run_program("tern-merge", {folder / "imported.safetensors", "-o", folder / "m", "--check"}));
  require_success(run_program("tern-evaluate", {folder / "m", "--data", names}));
}

TEST_CASE("tern-import: a description in JSON, classes are ImageNet's for 1000 of them") {
  const TemporaryDirectory folder;
  const std::string model =
      R"({"family":"resnet","widths":[4,8],"depths":[1,1],"classes":1000,"input_size":224})";
  require_success(import(folder, {state_dict_of(folder, model), "--model", model}));
  const auto metadata = metadata_in(folder / "imported.safetensors");
  REQUIRE(metadata.class_names.size() == 1000);
  CHECK(metadata.class_names.front() == "tench");
  CHECK(metadata.class_names.at(1) == "goldfish");
  CHECK(metadata.class_names.back() == "toilet tissue");
  CHECK(metadata.input.size == 224);
  CHECK(metadata.input.resize == 256);
}

TEST_CASE(
    "tern-import: --height and --width, or --size beside one of them, make images that are no squares") {
  const TemporaryDirectory folder;
  const auto file = state_dict_of(folder, R"("cifar_resnet20")");
  const auto image_of = [&](const std::vector<std::string>& sizes) {
    std::vector<std::string> arguments{file, "--model", "cifar_resnet20"};
    arguments.insert(arguments.end(), sizes.begin(), sizes.end());
    require_success(import(folder, arguments));
    const LoadedModel model = load_model(folder / "imported.safetensors");
    const InputSection input = read_model_metadata(model.metadata, "imported").input;
    CHECK(model.config->image == input.image());
    CHECK(input.resize == 24);  // the longer side
    return input.image();
  };
  CHECK(image_of({"--height", "16", "--width", "24"}) == Shape{16, 24, 3});
  CHECK(image_of({"--size", "24", "--height", "16"}) == Shape{16, 24, 3});
  CHECK(image_of({"--size", "16", "--height", "24"}) == Shape{24, 16, 3});
  const ProgramResult alone = import(folder, {file, "--model", "cifar_resnet20", "--width", "24"});
  CHECK(alone.exit_code == 2);
  CHECK_THAT(alone.err, Contains("--height and --width: give both"));
}

TEST_CASE("tern-import: what does not fit is refused, and nothing is written") {
  const TemporaryDirectory folder;
  const auto file = state_dict_of(folder, R"("cifar_resnet20")");
  folder.write("names.txt", "cat\ndog\n");
  check_refused(import(folder, {file, "--model", "cifar_resnet18"}), {"state.safetensors", "missing ("});
  check_refused(import(folder, {file, "--model", "cifar_resnet2"}), {"cifar_resnet2", "did you mean"});
  check_refused(import(folder, {file, "--model", "cifar_resnet20", "--classes", folder / "names.txt"}),
                {"names.txt: names 2 classes", "has 10"});
  check_refused(import(folder, {file, "--model", "cifar_resnet20", "--classes", folder / "none.txt"}),
                {"cannot read", "none.txt"});
  check_refused(import(folder, {file, "--model", "cifar_resnet20", "--resize", "16"}),
                {"--resize", "crop of 32"});
  check_refused(import(folder, {file, "--model", "cifar_resnet20", "--std", "1,1"}),
                {"std: expected a list of 3", "got 2"});
  check_refused(import(folder, {folder / "names.txt", "--model", "cifar_resnet20"}), {"names.txt"});
  CHECK_FALSE(std::filesystem::exists(folder / "imported.safetensors"));
}

}  // namespace
}  // namespace tern::test
