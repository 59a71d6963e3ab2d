#pragma once

#include <string>

namespace tern {

/// A network as a command line gives it, a name or a description in JSON, for parse_network_config().
std::string network_json(const std::string& argument);

}  // namespace tern
