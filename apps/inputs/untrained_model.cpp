#include "tern/apps/inputs/untrained_model.h"

#include "tern/models/initialise.h"
#include "tern/models/model_metadata.h"
#include "tern/models/resnet.h"

namespace tern {

LoadedModel untrained_model(const std::string& name) {
  LoadedModel model;
  model.config = resnet_by_name(name);
  model.network = make_resnet(model.config);
  InitConfig init;
  init.conv.rule = WeightInit::kaiming;  // activations of order one, as in a trained network
  initialise(*model.network, init, 1);
  model.network->train(false);
  ModelMetadata metadata;
  metadata.input.size = model.config.input_size;
  metadata.input.crop = "center";
  for (std::int64_t i = 0; i < model.config.classes; ++i) metadata.class_names.push_back(std::to_string(i));
  add_to(model.metadata, metadata);
  return model;
}

}  // namespace tern
