#pragma once

#include <string>

#include "tern/core/shape.h"
#include "tern/data/image_file.h"
#include "tern/data/transforms.h"
#include "tern/models/input_section.h"

namespace tern {

/// How image files are decoded for it.
ImageOptions image_options(const InputSection& input, std::int64_t max_megapixels);

/// The preprocessing that the section describes.
TransformConfig transform_config(const InputSection& input);

/// The same for evaluation by the network of the file `path`, which takes images of the shape `image`,
/// (H, W, C); mirrored by Flip::always. Throws DataError if the section does not make them.
Transform evaluation_transform(const InputSection& input, const Shape& image, const std::string& path,
                               Flip flip = Flip::none);

}  // namespace tern
