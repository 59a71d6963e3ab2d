#pragma once

#include <string>
#include <string_view>

namespace tern {

/// "0.1.0"
std::string_view version();

/// What --version of the program of that name prints: its version and commit, what is built in, and the
/// instruction set of the packed kernels. Throws std::runtime_error if TERN_CPU names one that is not there.
std::string version_text(std::string_view program);

}  // namespace tern
