#pragma once

#include "tern/data/transforms.h"
#include "tern/models/model_metadata.h"

namespace tern {

/// The preprocessing that the section describes.
TransformConfig transform_config(const InputSection& input);

}  // namespace tern
