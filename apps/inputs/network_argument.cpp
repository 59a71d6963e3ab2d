#include "tern/apps/inputs/network_argument.h"

#include <nlohmann/json.hpp>

namespace tern {

std::string network_json(const std::string& argument) {
  return argument.starts_with('{') ? argument : nlohmann::json(argument).dump();
}

}  // namespace tern
