#include "tern/models/graph_module.h"

#include "tern/core/error.h"
#include "tests/models/resnets.h"
#include "tests/models/trained_network.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/gradcheck.h"

using namespace tern;
using Catch::Contains;

namespace {

MergedNetwork merged_pair() {
  return merge(*test::trained_network(test::kSmallPair), test::kSmallPair.image);
}

}  // namespace

TEST_CASE("graph module: a tensor that is missing, ill-shaped or not ternary is refused by name") {
  const auto refused = [](const std::string& name, const Tensor& tensor, const std::string& reason) {
    MergedNetwork network = merged_pair();
    network.state.insert_or_assign(name, tensor);
    CHECK_THROWS_WITH(GraphModule(network), Contains(reason));
    CHECK_THROWS_AS(GraphModule(network), DataError);
  };
  refused("features.1.bias", Tensor::zeros({9}), "features.1.bias is f32 (9,)");
  refused("features.3.conv1.weight", Tensor::zeros({8, 3, 3, 8}), "features.3.conv1.weight is f32");
  const std::vector<std::int8_t> twos(8 * 9 * 8, 2);
  refused("features.3.conv1.weight", Tensor::from<std::int8_t>({8, 3, 3, 8}, twos),
          "features.3.conv1: weight 2 is not ternary");
  refused("features.3.conv1.scale", Tensor::full({8}, -1), "features.3.conv1: scale -1");
  MergedNetwork network = merged_pair();
  network.state.erase("fc.bias");
  CHECK_THROWS_WITH(GraphModule(network), Contains("fc.bias of the network is missing"));
}

TEST_CASE("graph module: a graph that is still being trained is refused") {
  const auto pair = test::trained_network(test::kSmallPair);
  CHECK_THROWS_WITH(GraphModule({trace_graph(*pair, test::kSmallPair.image), {}}), Contains("not merged"));
}

TEST_CASE("graph module: it hands out what it was made of") {
  const MergedNetwork network = merged_pair();
  const MergedNetwork again = GraphModule(network).merged();
  REQUIRE(again.state.size() == network.state.size());
  for (const auto& [name, tensor] : network.state) {
    INFO(name);
    CHECK(test::bit_difference(again.state.at(name), tensor) == "");
  }
}
