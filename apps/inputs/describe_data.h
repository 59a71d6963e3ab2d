#pragma once

#include <string>

#include "tern/data/dataset.h"

namespace tern {

/// "6000 training images, 1000 validation images, 10 classes: 0, 1, 2, 3, ...; 4 files ignored (.png 1, .txt
/// 3)"
std::string describe_data(const Dataset& training, const Dataset& validation);

}  // namespace tern
