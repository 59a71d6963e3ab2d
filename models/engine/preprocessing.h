// From a picture of any size to what a network takes.
#pragma once

#include <optional>
#include <string>

#include "tern/data/transforms.h"
#include "tern/models/engine/activation_map.h"
#include "tern/models/model_metadata.h"

namespace tern::engine {

/// Resizes, crops and normalises as for evaluation.
class Preprocessing {
 public:
  /// What the file `name` says, for a network that takes `input`. Throws DataError if it says nothing, or
  /// makes other images than that.
  Preprocessing(const std::optional<ModelMetadata>& metadata, const ActivationMap& input,
                const std::string& name);

  /// Writes (height, width, channels) floats of an RGB picture to `image`. Several threads may do this at
  /// once. Throws ShapeError for a picture that cannot be cropped, or is too long and thin (transforms.h).
  void apply(const ImageView& picture, float* image) const;

 private:
  Transform transform_;
};

}  // namespace tern::engine
