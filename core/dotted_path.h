#pragma once

#include <string>
#include <string_view>

namespace tern {

/// "a.b" from "a" and "b"; the one that is not empty if the other is.
inline std::string join_path(std::string_view parent, std::string_view name, char separator = '.') {
  std::string path(parent);
  if (!parent.empty() && !name.empty()) path += separator;
  return path.append(name);
}

}  // namespace tern
