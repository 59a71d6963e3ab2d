#include "tern/models/c_header.h"

#include <fmt/format.h>

#include <iterator>

#include "tern/core/crc32.h"

namespace tern {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string identifier(const std::filesystem::path& path) {
  // With the prefix no name is a keyword or starts with a digit.
  std::string name = "tern_" + path.stem().string();
  for (char& c : name) {
    if (!is_letter(c) && !is_digit(c)) c = '_';
  }
  return name;
}

std::string upper_case(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::string array_elements(std::string_view bytes) {
  constexpr std::size_t kPerLine = 24;
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "{}{},", i % kPerLine == 0 ? "\n" : "",
                   static_cast<unsigned char>(bytes[i]));
  }
  return text;
}

}  // namespace

std::string c_header(std::string_view model, const std::filesystem::path& path) {
  const std::string name = identifier(path);
  return fmt::format(
      R"(/* A merged network, written by tern-merge. Include it in one source file: every one that includes it gets
   the array. */
#ifndef {2}_{3:08X}_H
#define {2}_{3:08X}_H

#ifdef __cplusplus
alignas(64)
#else
_Alignas(64)
#endif
static const unsigned char {0}[] = {{{1}
}};

enum {{ {0}_size = sizeof {0} }};

#endif
)",
      name, array_elements(model), upper_case(name), crc32(0, model.data(), model.size()));
}

}  // namespace tern
