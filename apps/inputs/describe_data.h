#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tern/data/dataset.h"

namespace tern {

/// "6000 training images, 1000 validation images, 10 classes: 0, 1, 2, 3, ...; 4 files ignored (.png 1, .txt
/// 3)"
std::string describe_data(const Dataset& training, const Dataset& validation);

/// "4 files ignored (.png 1, .txt 3)", of the number of files with each suffix; empty without any.
std::string describe_ignored(const std::map<std::string, std::int64_t>& files);

}  // namespace tern
