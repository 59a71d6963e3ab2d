#include "tests/support/fixtures.h"

#include <algorithm>
#include <cstdlib>

#include "tern/core/error.h"

namespace tern::test {
namespace {

bool matches(const std::string& name, const std::string& pattern) {
  const std::size_t star = pattern.find('*');
  if (star == std::string::npos) return name == pattern;
  const std::size_t tail = pattern.size() - star - 1;
  return name.size() >= star + tail && name.compare(0, star, pattern, 0, star) == 0 &&
         name.compare(name.size() - tail, tail, pattern, star + 1, tail) == 0;
}

}  // namespace

std::filesystem::path default_fixtures() {
  return TERN_DEFAULT_FIXTURES;
}

std::vector<std::filesystem::path> fixture_files(const std::string& pattern) {
  const char* variable = std::getenv("TERN_FIXTURES");
  const std::filesystem::path folder = variable ? variable : default_fixtures();
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (matches(entry.path().filename().string(), pattern)) files.push_back(entry.path());
  }
  require<DataError>(!files.empty(), "fixtures: no file matches {} in {}; TERN_FIXTURES names the folder",
                     pattern, folder.string());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace tern::test
