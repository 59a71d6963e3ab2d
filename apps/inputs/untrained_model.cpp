#include "tern/apps/inputs/untrained_model.h"

#include "tern/apps/config/training_parts.h"
#include "tern/apps/inputs/network_argument.h"
#include "tern/models/initialise.h"
#include "tern/models/model_metadata.h"

namespace tern {
namespace {

struct Description {
  NetworkConfig network;
  InputSection input;
};

Description describe(const std::string& network) {
  if (network.ends_with(".json")) {
    const TrainConfig config = load_train_config(network);
    return {parse_network_config(config.model.text, network_defaults(config)), config.input};
  }
  NetworkConfig config = parse_network_config(network_json(network));
  InputSection input = config.image[2] == 1 ? grey_input() : InputSection{};
  input.set_image(config.image);
  input.crop = "center";
  return {std::move(config), input};
}

}  // namespace

LoadedModel untrained_model(const std::string& network) {
  Description described = describe(network);
  LoadedModel model;
  model.config = std::move(described.network);
  model.network = model.config->make();
  InitConfig init;
  init.conv.rule = WeightInit::kaiming;  // activations of order one, as in a trained network
  initialise(*model.network, init, 1);
  model.network->train(false);
  model.graph = trace_graph(*model.network, model.config->image);
  ModelMetadata metadata{described.input, {}};
  for (std::int64_t i = 0; i < model.config->classes; ++i) metadata.class_names.push_back(std::to_string(i));
  add_to(model.metadata, metadata);
  return model;
}

}  // namespace tern
