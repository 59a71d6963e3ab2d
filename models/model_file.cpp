#include "tern/models/model_file.h"

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/layers/graph/json.h"
#include "tern/layers/state_dict.h"
#include "tern/layers/weight_layout.h"
#include "tern/models/about_file.h"
#include "tern/models/formats/merged_tensors.h"
#include "tern/models/formats/pytorch_state.h"
#include "tern/models/formats/version1.h"
#include "tern/models/graph_module.h"
#include "tern/models/model_format.h"
#include "tern/models/model_values.h"

namespace tern {
namespace {

std::vector<std::pair<std::string, Tensor>> checkpoint_tensors(const Module& network) {
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const StateEntry& entry : state_dict(network)) {
    const Tensor tensor = entry.tensor.to(Device{});
    tensors.emplace_back(entry.name, tensor.shape().rank() == 4 ? ohwi_to_oihw(tensor) : tensor);
  }
  return tensors;
}

// The tensors of a checkpoint as the network has them. Names and shapes are checked by load_state.
std::map<std::string, Tensor> read_checkpoint(const SafetensorsFile& file) {
  std::map<std::string, Tensor> state;
  for (const std::string& name : file.names()) state.emplace(name, from_pytorch(name, file.read(name)));
  return state;
}

void load_into(const std::string& path, const SafetensorsFile& file, Module& network) {
  about_file(path, [&] {
    auto state = read_checkpoint(file);
    add_missing_counts(network, state);
    load_state(network, state);
  });
}

// However its floats are stored: another program may have made them smaller.
SafetensorsFile open_model_file(const std::string& path) {
  return SafetensorsFile::open(path, StoredFloats::as_f32);
}

// A graph of no nodes is none.
Metadata with_format(Metadata metadata, const char* format, const graph::Graph& graph) {
  metadata["format"] = format;
  metadata["format_version"] = model_format_version(graph);
  if (!graph.nodes.empty()) metadata["graph"] = to_json(graph);
  return metadata;
}

graph::Graph graph_if_traceable(const Module& network, const Shape& image) {
  try {
    return trace_graph(network, image);
  } catch (const TraceError&) {  // such modules train, too
    return {};
  }
}

std::uint64_t data_bytes(const SafetensorsFile& file) {
  std::uint64_t bytes = 0;
  for (const std::string& name : file.names()) bytes += file.info(name).end - file.info(name).begin;
  return bytes;
}

LoadedModel load_merged(const std::string& path, const SafetensorsFile& file) {
  LoadedModel model;
  model.metadata = file.metadata();
  model.graph = merged_graph(file.metadata(), path);
  about_file(path, [&] {
    model.network =
        std::make_unique<GraphModule>(MergedNetwork{model.graph, read_merged_tensors(file, model.graph)});
  });
  return model;
}

LoadedModel load_checkpoint(const std::string& path, const SafetensorsFile& file) {
  LoadedModel model;
  model.metadata = file.metadata();
  require<DataError>(
      file.metadata().count("model") > 0,
      "{}: its network is none of Tern's: the program that trained it can make it and read the "
      "weights by load_weights",
      path);
  try {
    model.config = parse_network_config(file.metadata().at("model"));
    check_room(model.config->least_weights, data_bytes(file));
    model.network = model.config->make();
  } catch (const Error& error) {
    throw DataError(path + ": metadata \"model\": " + error.what());
  }
  load_into(path, file, *model.network);
  model.network->train(false);
  about_file(path, [&] { model.graph = trace_graph(*model.network, model.config->image); });
  return model;
}

}  // namespace

void save_checkpoint(const std::string& path, const Module& network, const Shape& image,
                     const NetworkConfig* config, Metadata metadata) {
  metadata = with_format(std::move(metadata), kCheckpointFormat, graph_if_traceable(network, image));
  if (config != nullptr) metadata["model"] = config->json;
  write_safetensors(path, metadata, checkpoint_tensors(network));
}

void save_merged(const std::string& path, const MergedNetwork& network, Metadata metadata) {
  write_safetensors(path, with_format(std::move(metadata), kMergedFormat, network.graph),
                    merged_tensors(network));
}

std::string merged_bytes(const MergedNetwork& network, Metadata metadata) {
  return safetensors_bytes(with_format(std::move(metadata), kMergedFormat, network.graph),
                           merged_tensors(network));
}

LoadedModel load_model(const std::string& path) {
  const SafetensorsFile file = open_model_file(path);
  return check_model_format(file.metadata(), path) == kMergedFormat ? load_merged(path, file)
                                                                    : load_checkpoint(path, file);
}

void load_weights(const std::string& path, Module& network) {
  load_into(path, open_model_file(path), network);
}

}  // namespace tern
