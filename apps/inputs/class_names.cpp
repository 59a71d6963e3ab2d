#include "tern/apps/inputs/class_names.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tern/core/error.h"
#include "tern/core/quote.h"

namespace tern {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_of_folders(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && !name.starts_with('.')) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  require<DataError>(file.is_open(), "cannot read {}; it should have the name of a class a line", path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    require<DataError>(!line.empty(), "{}: line {} is empty, expected the name of a class", path,
                       lines.size() + 1);
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    names.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(text.find_first_not_of(";\n", end), text.size()));
  }
  return names;
}

std::vector<std::string> not_in(const std::vector<std::string>& other,
                                const std::vector<std::string>& names) {
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    if (std::find(other.begin(), other.end(), name) == other.end()) missing.push_back(name);
  }
  return missing;
}

}  // namespace

std::vector<std::string> read_class_names(const std::string& path) {
  std::error_code ignored;
  std::vector<std::string> names = fs::is_directory(path, ignored) ? names_of_folders(path) : lines_of(path);
  require<DataError>(!names.empty(), "{}: has no names of classes", path);
  return names;
}

std::string describe_classes(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    text += (i == 0 ? "" : ", ") + printable(names[i]);
  }
  return text + (names.size() > kShown ? ", ..." : "");
}

std::string describe_class_difference(const std::vector<std::string>& first, const std::string& in_first,
                                      const std::vector<std::string>& second, const std::string& in_second) {
  if (first == second) return "";
  const auto only = [](const std::vector<std::string>& names, const std::string& where) {
    return names.empty() ? "" : fmt::format("{} only in {}", describe_classes(names), where);
  };
  const std::string a = only(not_in(second, first), in_first), b = only(not_in(first, second), in_second);
  if (a.empty() && b.empty()) return "the same names in another order";
  return a + (a.empty() || b.empty() ? "" : "; ") + b;
}

std::vector<std::string> default_class_names(std::int64_t count) {
  std::vector<std::string> imagenet = split(imagenet_class_names());
  if (static_cast<std::size_t>(count) == imagenet.size()) return imagenet;
  std::vector<std::string> numbers;
  for (std::int64_t i = 0; i < count; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

}  // namespace tern
