// "Did you mean ...?": the existing name that a misspelt one most likely stood for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tern {

/// The candidate with the smallest edit distance to `wanted` (the first of several), or "" if none is near:
/// at most one edit in three characters of `wanted`. Insertion, deletion, substitution and the transposition
/// of neighbours count one edit each (optimal string alignment), on bytes.
std::string nearest_name(std::string_view wanted, const std::vector<std::string>& candidates);

}  // namespace tern
