#pragma once

#include <string>
#include <vector>

namespace tern {

/// Throws ConfigError if the file `output` of the option `option` is one of `inputs`, by whatever path:
/// writing it would destroy what is read.
void require_other_file(const std::string& output, const std::vector<std::string>& inputs,
                        const std::string& option = "--output");

}  // namespace tern
