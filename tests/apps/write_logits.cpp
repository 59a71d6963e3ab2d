// write_logits MODEL DATA OUT: what a network computes for every image in a folder of classes, for tests in
// other languages. OUT is a safetensors file with "images" (N, H, W, C) and "logits" (N, classes), all f32,
// and of a merged model "stem": the result of the last node before the first ternary or binary activation
// through which all data passes, or the images if there is no such activation; the metadata entry "stem" has
// the name of that node.
#include <algorithm>
#include <cstdio>

#include "tern/apps/inputs/open_dataset.h"
#include "tern/core/error.h"
#include "tern/data/loader.h"
#include "tern/models/engine/transform_config.h"
#include "tern/models/graph_module.h"
#include "tern/models/model_file.h"
#include "tern/models/model_metadata.h"

namespace {

using tern::MergedNetwork;
using tern::Tensor;
using tern::Variable;
using tern::graph::Graph;
using tern::graph::Node;
using tern::graph::Operator;

Tensor read_images(const std::string& data, const tern::InputSection& input) {
  const auto dataset = tern::open_dataset({"image_folder", data, "", {}, {}});
  tern::LoaderConfig config;
  config.batch_size = dataset->size();
  tern::Loader loader(*dataset, tern::Transform(tern::transform_config(input), false), config);
  loader.start_epoch(0);
  tern::Batch batch;
  loader.next(batch);
  return batch.images;
}

bool is_threshold(const Node& node) {
  return node.op == Operator::ternary_activation || node.op == Operator::binary_activation;
}

// The last node before the first threshold such that no later node reads an earlier one; without a threshold
// the input.
int find_stem(const Graph& graph) {
  const auto first = std::find_if(graph.nodes.begin(), graph.nodes.end(), is_threshold);
  if (first == graph.nodes.end()) return 0;
  const auto consumers = graph.consumers();
  int stem = 0, last_reader = 0;
  for (int i = 0; i < first - graph.nodes.begin(); ++i) {
    if (last_reader <= i) stem = i;  // all that was computed before node i has been read
    for (const int reader : consumers[static_cast<std::size_t>(i)])
      last_reader = std::max(last_reader, reader);
  }
  return stem;
}

MergedNetwork up_to(MergedNetwork network, int last) {
  network.graph.nodes.resize(static_cast<std::size_t>(last) + 1);
  network.graph.output = last;
  return network;
}

// With the result of node `first` as its input.
MergedNetwork from(MergedNetwork network, int first) {
  auto& nodes = network.graph.nodes;
  nodes.erase(nodes.begin(), nodes.begin() + first);
  nodes.front() = {"images", Operator::input, {}, nodes.front().output, {}, {}, {}};
  for (Node& node : nodes) {
    for (int& input : node.inputs) input -= first;
  }
  network.graph.output -= first;
  return network;
}

Tensor run(MergedNetwork network, const Tensor& x) {
  return tern::GraphModule(std::move(network)).forward(Variable(x)).value();
}

void write_logits(const std::string& model_path, const std::string& data, const std::string& out) {
  const tern::NoGrad no_grad;
  const tern::LoadedModel model = tern::load_model(model_path);
  const Tensor images = read_images(data, tern::read_model_metadata(model.metadata, model_path).input);
  const Tensor logits = model.network->forward(Variable(images)).value();
  if (!model.merged()) return tern::write_safetensors(out, {}, {{"images", images}, {"logits", logits}});
  const MergedNetwork network = dynamic_cast<const tern::GraphModule&>(*model.network).merged();
  const int stem_node = find_stem(network.graph);
  const Tensor stem = run(up_to(network, stem_node), images);
  const Tensor again = run(from(network, stem_node), stem);
  tern::require<tern::Error>(again.to_vector<float>() == logits.to_vector<float>(),
                             "the rest of the network gives other logits than the whole");
  tern::write_safetensors(out, {{"stem", network.graph.nodes[static_cast<std::size_t>(stem_node)].name}},
                          {{"images", images}, {"stem", stem}, {"logits", logits}});
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 4) throw std::runtime_error("usage: write_logits MODEL DATA OUT");
    write_logits(argv[1], argv[2], argv[3]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "write_logits: %s\n", error.what());
    return 1;
  }
}
