#include "tern/apps/console/wrap_text.h"

#include <algorithm>

#include "tern/core/utf8.h"

namespace tern {
namespace {

/// Characters of UTF-8.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

/// Where what is broken off `line` begins.
std::size_t hanging_indent(std::string_view line, std::size_t columns, std::size_t margin) {
  const auto first = std::min(line.find_first_not_of(' '), line.size());
  const auto gap = line.find("  ", first);
  if (gap != std::string_view::npos) {
    const auto second = line.find_first_not_of(' ', gap);
    if (second != std::string_view::npos && second <= columns / 2) return second;
  }
  return first == 0 ? margin : first;
}

std::string wrap_line(std::string_view line, std::size_t columns, std::size_t margin) {
  const std::string indent(hanging_indent(line, columns, margin), ' ');
  std::string wrapped, current;
  std::size_t at = 0;
  while (at < line.size()) {
    // A word with the spaces before it, which a line break takes the place of.
    const auto word = std::min(line.find_first_not_of(' ', at), line.size());
    const auto end = std::min(line.find(' ', word), line.size());
    const bool fits = width_of(current) + width_of(line.substr(at, end - at)) <= columns;
    const bool is_first = current.find_first_not_of(' ') == std::string::npos;
    if (fits || is_first) {
      current += line.substr(at, end - at);
    } else {
      wrapped += current + "\n";
      current = indent + std::string(line.substr(word, end - word));
    }
    at = end;
  }
  return wrapped + current;
}

}  // namespace

std::string wrap_text(std::string_view text, int columns, int margin) {
  std::string wrapped;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const auto width = static_cast<std::size_t>(std::max(columns, 1));
    wrapped += width_of(line) <= width ? std::string(line)
                                       : wrap_line(line, width, static_cast<std::size_t>(margin));
    if (end < text.size()) wrapped += '\n';
    at = end + 1;
  }
  return wrapped;
}

}  // namespace tern
