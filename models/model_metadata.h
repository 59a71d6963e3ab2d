// What a model file says about its input and output besides the weights, so that it can be used without the
// configuration it was trained with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tern/core/safetensors_header.h"

namespace tern {

/// From a picture to the input of the network: the section "input" of a training configuration.
struct InputSection {
  std::int64_t size = 32;
  std::int64_t channels = 3;  // red, green, blue; or 1, the luminance
  std::int64_t resize = 0;
  std::string interpolation = "bicubic";
  std::string crop = "none";
  std::int64_t padding = 0;
  bool flip = false;
  // One for each channel; of ImageNet.
  std::vector<double> mean = {0.485, 0.456, 0.406};
  std::vector<double> std = {0.229, 0.224, 0.225};
};

/// The defaults for pictures of one channel: their mean and std are those above, weighted as the luminance
/// (data/transforms.h) weights the channels.
InputSection grey_input();

struct ModelMetadata {
  InputSection input;
  std::vector<std::string> class_names;
};

/// Adds "input" and "class_names", both JSON, to `metadata`.
void add_to(Metadata& metadata, const ModelMetadata& model);

/// The reverse. Throws DataError naming `path` if a key is missing or not as written by add_to.
ModelMetadata read_model_metadata(const Metadata& metadata, const std::string& path);

}  // namespace tern
