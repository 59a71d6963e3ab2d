// JSON from outside, read strictly: one value, no duplicate keys, no NaN or infinity, comments only where a
// reader says so. Who looks into a value includes <nlohmann/json.hpp>, which takes longer to compile than
// most files.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace tern {

/// Keeps the keys in the order in which they were written.
using Json = nlohmann::ordered_json;

struct StrictJsonOptions {
  int max_depth = 64;     ///< Of lists and objects within each other.
  bool comments = false;  ///< Skip "// ..." and "/* ... */" between tokens.
};

/// Parses `text`. Throws ConfigError beginning with `source`, with line and column of a syntax error, with
/// the path of a duplicate key, for a key of more than 1024 bytes, or if lists and objects are nested more
/// than options.max_depth levels deep.
Json parse_strict_json(std::string_view text, std::string_view source, const StrictJsonOptions& options = {});

/// `value` on one line for an error message, cut after some 60 characters.
std::string quoted_json(const Json& value);

}  // namespace tern
