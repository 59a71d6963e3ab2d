// Plans of graphs of any kind, against double loops.
#include "tern/models/engine/plan.h"

#include <algorithm>
#include <random>
#include <set>

#include "tern/core/error.h"
#include "tern/layers/graph/builder.h"
#include "tern/layers/graph/json.h"
#include "tern/models/engine/engine.h"
#include "tests/models/engine/naive_graph.h"
#include "tests/models/engine/random_graph.h"
#include "tests/support/catch.h"

using namespace tern;
using Catch::Contains;

namespace {

std::vector<float> random_image(const graph::Graph& graph, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> image(static_cast<std::size_t>(graph.input().output.numel()));
  for (float& value : image) value = static_cast<float>(random() % 4096) / 1024.0F - 2.0F;
  return image;
}

std::vector<float> run(const std::string& file, const std::vector<float>& image, int threads) {
  const auto source = memory_source(file.data(), file.size(), "model");
  engine::Engine engine(*source, threads);
  std::vector<float> logits(static_cast<std::size_t>(engine.classes()));
  engine.run(image.data(), 1, logits.data());
  return logits;
}

std::string error_of(const graph::Graph& graph) {
  graph::Graph parameters_of = graph;
  const std::string file = test::file_of(graph, test::random_parameters(graph, 1));
  const auto source = memory_source(file.data(), file.size(), "model");
  try {
    engine::ModelReader reader(*source);
    const engine::Plan plan(reader, 1);
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

std::vector<float> expected_logits(const graph::Graph& graph, const test::Parameters& parameters,
                                   const std::vector<float>& image) {
  return test::naive_values(graph, parameters, image)[static_cast<std::size_t>(graph.output)];
}

}  // namespace

TEST_CASE(
    "engine: random graphs of all operators give the logits of double loops to the bit, with 1 and 3 "
    "threads") {
  std::set<graph::Operator> seen;
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    const graph::Graph graph = test::random_graph(seed);
    for (const graph::Node& node : graph.nodes) seen.insert(node.op);
    INFO("seed " << seed << ": " << to_json(graph));
    const test::Parameters parameters = test::random_parameters(graph, seed);
    const std::string file = test::file_of(graph, parameters);
    const std::vector<float> image = random_image(graph, seed);
    const std::vector<float> expected = expected_logits(graph, parameters, image);
    REQUIRE(run(file, image, 1) == expected);
    REQUIRE(run(file, image, 3) == expected);
  }
  CHECK(seen.size() == 19);
}

TEST_CASE("engine: a second image is not disturbed by what the first left in memory that values share") {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    const graph::Graph graph = test::random_graph(seed);
    const test::Parameters parameters = test::random_parameters(graph, seed);
    const std::string file = test::file_of(graph, parameters);
    const auto source = memory_source(file.data(), file.size(), "model");
    engine::Engine engine(*source, 1);
    std::vector<float> first(7), second(7);
    engine.run(random_image(graph, seed + 1).data(), 1, first.data());
    const std::vector<float> image = random_image(graph, seed);
    engine.run(image.data(), 1, second.data());
    INFO("seed " << seed);
    REQUIRE(second == expected_logits(graph, parameters, image));
  }
}

TEST_CASE("engine: stems of several kinds and rectangular images agree with double loops up to roundings") {
  struct Stem {
    graph::Window window;
    bool norm, prelu, bias, pool;
  };
  for (const Stem& stem : {Stem{graph::Window::square(7, 2, 3), true, true, false, true},
                           Stem{graph::Window::square(3, 1, 1), true, true, false, false},
                           Stem{graph::Window::square(5, 1, 0), false, true, true, true},
                           Stem{graph::Window::square(1, 1, 0), false, false, false, false},
                           Stem{graph::Window::square(3, 1, 2), true, false, true, true}}) {
    GraphBuilder builder;
    Value x = builder.conv2d("conv", builder.input({19, 26, 3}), 21, stem.window, stem.bias);
    if (stem.norm) x = builder.batch_norm("norm", x);
    if (stem.prelu) x = builder.prelu("prelu", x);
    if (stem.pool) x = builder.max_pool2d("pool", x, graph::Window{3, 2, 2, 1, 1, 0});
    x = builder.linear("fc", builder.flatten("flatten", x), 5, true);
    const graph::Graph graph = std::move(builder).finish(x);
    const test::Parameters parameters = test::random_parameters(graph, 4);
    const std::vector<float> image = random_image(graph, 4);
    const std::string file = test::file_of(graph, parameters);
    const std::vector<float> expected = expected_logits(graph, parameters, image);
    const std::vector<float> got = run(file, image, 1);
    for (std::size_t i = 0; i < 5; ++i) CHECK(got[i] == Approx(expected[i]).epsilon(1e-4).margin(1e-2));
    CHECK(run(file, image, 3) == got);
  }
}

TEST_CASE("engine: what a plan cannot run is an error that names the node") {
  const auto graph_of = [](const auto& body) {
    GraphBuilder builder;
    const Value x = builder.input({8, 8, 3});
    const Value y = body(builder, x);
    return std::move(builder).finish(builder.linear("fc", builder.flatten("flatten", y), 2, true));
  };
  const auto on_floats = graph_of([](GraphBuilder& b, Value x) {
    return b.ternary_conv2d("conv9", b.batch_norm("norm", x), 4, graph::Window::square(3, 1, 1), false);
  });
  CHECK_THAT(error_of(on_floats), Contains("model: conv9:") && Contains("norm (batch_norm)"));
  const auto pooled = graph_of([](GraphBuilder& b, Value x) {
    return b.ternary_conv2d(
        "conv9", b.max_pool2d("pool", b.ternary_activation("act", x), graph::Window::square(2, 2, 0)), 4,
        graph::Window::square(3, 1, 1), false);
  });
  CHECK_THAT(error_of(pooled), Contains("conv9:") && Contains("pool (max_pool2d)"));
  const auto trained = graph_of([](GraphBuilder& b, Value x) {
    return b.ternary_conv2d("conv9", b.ternary_activation("act", x), 4, graph::Window::square(3, 1, 1),
                            LatentWeights{"sttn", {{"weight1", "conv9.weight1", {4, 3, 3, 3}}}});
  });
  CHECK_THAT(error_of(trained), Contains("conv9:") && Contains("sttn") && Contains("not merged"));
  const auto unread = graph_of([](GraphBuilder& b, Value x) {
    b.relu("idle", x);
    return x;
  });
  CHECK_THAT(error_of(unread), Contains("idle:") && Contains("nothing reads"));
  const auto large = graph_of([](GraphBuilder& b, Value x) {
    x = b.ternary_activation("act", x);
    x = b.ternary_conv2d("conv9", x, 1, graph::Window{1, 1, 1 << 20, 1 << 20, 1 << 20, 1 << 20}, false);
    return x;
  });
  CHECK_THAT(error_of(large), Contains("act:") && Contains("too large"));
  const auto deep = graph_of([](GraphBuilder& b, Value x) {
    x = b.ternary_activation("act", b.pad_channels("pad", x, (1 << 20) + 1));
    return b.ternary_conv2d("conv9", x, 1, graph::Window::square(1, 8, 0), false);
  });
  CHECK_THAT(error_of(deep), Contains("act:") && Contains("too large"));
}
