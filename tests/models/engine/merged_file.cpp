#include "tests/models/engine/merged_file.h"

#include "tern/models/model_file.h"
#include "tern/models/model_metadata.h"
#include "tests/models/resnets.h"
#include "tests/models/trained_network.h"

namespace tern::test {

MergedFile merged_file(const ResNetConfig& config, const Metadata& metadata) {
  auto pair = trained_network(config);
  std::string bytes = merged_bytes(merge(*pair, config.image), metadata);
  return {std::move(pair), std::move(bytes)};
}

Metadata model_metadata(std::int64_t input_size, std::int64_t classes) {
  ModelMetadata model;
  model.input.size = input_size;
  model.input.mean = {0.4, 0.5, 0.6};
  model.input.std = {0.2, 0.25, 0.3};
  for (std::int64_t i = 0; i < classes; ++i) model.class_names.push_back("class " + std::to_string(i));
  Metadata metadata;
  add_to(metadata, model);
  return metadata;
}

}  // namespace tern::test
