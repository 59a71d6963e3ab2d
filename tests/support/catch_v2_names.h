// What version 3 of Catch2 calls differently, under the names of version 2. Included by catch.h alone.
#pragma once

#include <catch2/catch_all.hpp>
#include <string>

namespace Catch {
using Matchers::EndsWith;
using Matchers::Equals;
using Matchers::StartsWith;
/// Of a string. Version 3 means something else by Matchers::Contains: an element of a range.
inline auto Contains(const std::string& part) {
  return Matchers::ContainsSubstring(part);
}
}  // namespace Catch
using Catch::Approx;
