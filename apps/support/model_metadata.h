#pragma once

#include "data/transforms.h"
#include "models/model_metadata.h"

namespace tern {

/// The preprocessing that the section describes.
TransformConfig transform_config(const InputSection& input);

}  // namespace tern
