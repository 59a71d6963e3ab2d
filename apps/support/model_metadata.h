#pragma once

#include <string>
#include <vector>

#include "apps/support/train_config.h"
#include "core/safetensors.h"
#include "data/transforms.h"

namespace tern {

/// What a model file says about its input and output besides the weights, so that it can be evaluated without
/// the configuration it was trained with.
struct ModelMetadata {
  InputSection input;
  std::vector<std::string> class_names;
};

/// Adds "input" and "class_names", both JSON, to `metadata`.
void add_to(Metadata& metadata, const ModelMetadata& model);

/// The reverse. Throws DataError naming `path` if a key is missing or not as written by add_to.
ModelMetadata read_model_metadata(const Metadata& metadata, const std::string& path);

/// The preprocessing that the section describes.
TransformConfig transform_config(const InputSection& input);

}  // namespace tern
