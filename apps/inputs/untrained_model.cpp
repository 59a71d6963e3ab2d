#include "tern/apps/inputs/untrained_model.h"

#include <nlohmann/json.hpp>

#include "tern/models/initialise.h"
#include "tern/models/model_metadata.h"

namespace tern {

LoadedModel untrained_model(const std::string& name) {
  LoadedModel model;
  model.config = parse_network_config(nlohmann::json(name).dump());
  model.network = model.config->make();
  InitConfig init;
  init.conv.rule = WeightInit::kaiming;  // activations of order one, as in a trained network
  initialise(*model.network, init, 1);
  model.network->train(false);
  model.graph = trace_graph(*model.network, model.config->image);
  ModelMetadata metadata;
  if (model.config->image[2] == 1) metadata.input = grey_input();
  metadata.input.set_image(model.config->image);
  metadata.input.crop = "center";
  for (std::int64_t i = 0; i < model.config->classes; ++i) metadata.class_names.push_back(std::to_string(i));
  add_to(model.metadata, metadata);
  return model;
}

}  // namespace tern
