// Files of format version 1, written by a build that knew no other (tests/fixtures/version1).
#include "tern/models/formats/version1.h"

#include "tern/core/error.h"
#include "tern/layers/graph/json.h"
#include "tern/models/model_file.h"
#include "tests/models/resnets.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_directory.h"

using namespace tern;
using Catch::Contains;

namespace {

std::string version1(const std::string& name) {
  return (test::default_fixtures() / "version1" / name).string();
}

// The logits of the fixture's images are those that the old build computed. Its stem was summed in the order
// of its CPU, so floats may differ in the last bits: 16x16 images have too few activations for one to lie
// that close to a threshold.
void check_logits(Module& network, const std::string& key) {
  const SafetensorsFile expected = SafetensorsFile::open(version1("logits.safetensors"));
  const NoGrad no_grad;
  const std::vector<float> logits =
      network.forward(Variable(expected.read("images"))).value().to_vector<float>();
  const std::vector<float> old = expected.read(key + ".logits").to_vector<float>();
  REQUIRE(logits.size() == old.size());
  for (std::size_t i = 0; i < old.size(); ++i) CHECK(logits[i] == Approx(old[i]).margin(1e-4));
}

}  // namespace

TEST_CASE("version 1: a checkpoint and the merged models load and give their old logits") {
  const LoadedModel pair = load_model(version1("run/last.safetensors"));
  CHECK_FALSE(pair.merged());
  check_logits(*pair.network, "pair");
  for (const char* name : {"merged", "merged_imagenet_stem"}) {
    INFO(name);
    const LoadedModel merged = load_model(version1(std::string(name) + ".safetensors"));
    CHECK(merged.merged());
    check_logits(*merged.network, name);
  }
}

TEST_CASE("version 1: a float checkpoint loads") {
  const LoadedModel model = load_model(version1("float.safetensors"));
  CHECK(model.graph.classes() == 10);
  CHECK(model.graph.input().output == Shape{16, 16, 3});
}

TEST_CASE("version 1: the graph of an old merged model is that of its pair, merged today") {
  const LoadedModel pair = load_model(version1("run/last.safetensors"));
  const MergedNetwork today = merge(*pair.network, pair.config->image);
  const LoadedModel old = load_model(version1("merged.safetensors"));
  CHECK(to_json(old.graph) == to_json(today.graph));
  for (const auto& [name, tensor] : dynamic_cast<const GraphModule&>(*old.network).merged().state) {
    INFO(name);
    CHECK(test::bit_difference(tensor, today.state.at(name)) == "");
  }
}

TEST_CASE("version 1: a description that is none of a merged network is refused by its key") {
  const auto refused = [](const std::string& model, const std::string& reason) {
    CHECK_THROWS_WITH(graph_of_version_1(model), Contains(reason));
  };
  refused(R"({"family": "resnet", "block": "sttn"})", "model.block: \"sttn\" is not one of ternary");
  refused(R"({"block": "ternary", "widths": [8, 16], "depths": [1]})", "widths names 2 stages and depths 1");
  refused(R"({"block": "ternary", "widths": [8, 16], "depths": [1, 1], "input_size": 9})",
          "model.input_size: 9");
  refused(R"({"block": "ternary", "colour": 1})", "model.colour: unknown key");
  refused("{", "model: ");
}
