#pragma once

#include <string>
#include <string_view>

namespace tern {

/// Text from outside in quotes, for messages: control characters and what is not UTF-8 escaped, and cut where
/// it is unreasonably long.
std::string quote(std::string_view text);

}  // namespace tern
