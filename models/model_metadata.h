// What a model file says about its input and output besides the weights, so that it can be used without the
// configuration it was trained with.
#pragma once

#include <string>
#include <vector>

#include "tern/core/safetensors_header.h"
#include "tern/models/input_section.h"

namespace tern {

struct ModelMetadata {
  InputSection input;
  std::vector<std::string> class_names;
};

/// Adds "input" and "class_names", both JSON, to `metadata`.
void add_to(Metadata& metadata, const ModelMetadata& model);

/// The reverse. Throws DataError naming `path` if a key is missing or not as written by add_to.
ModelMetadata read_model_metadata(const Metadata& metadata, const std::string& path);

}  // namespace tern
