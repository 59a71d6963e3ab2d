#pragma once

#include <string>
#include <string_view>

namespace tern {

/// Text from outside in quotes, for messages: control characters and what is not UTF-8 escaped, and cut where
/// it is unreasonably long.
std::string quote(std::string_view text);

/// Text from outside for a terminal or a report, as it is but for control characters, which could steer the
/// terminal, and what is not UTF-8: those are escaped. Lines stay lines.
std::string printable(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace tern
