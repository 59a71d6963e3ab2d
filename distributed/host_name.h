#pragma once

#include <string>

namespace tern {

/// That of this machine, for messages.
std::string host_name();

}  // namespace tern
