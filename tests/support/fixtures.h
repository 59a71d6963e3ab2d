// The golden files: those of the folder named by the environment variable TERN_FIXTURES, else of
// tests/fixtures.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tern::test {

/// tests/fixtures of this checkout, whatever TERN_FIXTURES says: for what lies nowhere else.
std::filesystem::path default_fixtures();

/// The files there whose names match `pattern`, in which one '*' stands for any characters; sorted. Throws
/// DataError if there is none: a test over no files would pass without having tested anything.
std::vector<std::filesystem::path> fixture_files(const std::string& pattern);

}  // namespace tern::test
