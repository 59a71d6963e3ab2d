#include "tern/models/engine/preprocessing.h"

#include <fmt/format.h>

#include "tern/core/error.h"
#include "tern/models/engine/transform_config.h"

namespace tern::engine {
namespace {

const InputSection& section(const std::optional<ModelMetadata>& metadata, const std::string& name) {
  require<DataError>(metadata.has_value(),
                     "{}: the file does not say how its images are made (metadata \"input\"); was it written "
                     "by tern-merge from a checkpoint of tern-train?",
                     name);
  return metadata->input;
}

}  // namespace

Preprocessing::Preprocessing(const std::optional<ModelMetadata>& metadata, const ActivationMap& input,
                             const std::string& name)
    : transform_(
          evaluation_transform(section(metadata, name), {input.height, input.width, input.channels}, name)) {}

void Preprocessing::apply(const ImageView& picture, float* image) const {
  try {
    transform_.apply(picture, {}, image);
  } catch (const DataError& error) {
    throw ShapeError(fmt::format("{}. The model was trained on such images; crop or resize the picture first",
                                 error.what()));
  }
}

}  // namespace tern::engine
