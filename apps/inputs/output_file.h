#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace tern {

/// Throws ConfigError if the file `output` of the option `option` is one of `inputs`, by whatever path:
/// writing it would destroy what is read.
void require_other_file(const std::string& output, const std::vector<std::string>& inputs,
                        const std::string& option = "--output");

/// Where to say what was written to the file `output`: the standard output, or, where that is the file
/// (/dev/stdout), the standard error.
std::FILE* report_stream(const std::string& output);

}  // namespace tern
