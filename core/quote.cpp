#include "tern/core/quote.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace tern {

std::string quote(std::string_view text) {
  constexpr std::size_t kMaxBytes = 120;
  const std::string start(text.substr(0, kMaxBytes));
  return nlohmann::json(start).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
         (text.size() > kMaxBytes ? "..." : "");
}

std::string printable(std::string_view text) {
  const std::string valid = [&] {
    const std::string quoted =
        nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return nlohmann::json::parse(quoted).get<std::string>();
  }();
  std::string result;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto byte = static_cast<unsigned char>(valid[i]);
    const auto next = static_cast<unsigned char>(i + 1 < valid.size() ? valid[i + 1] : '\0');
    const bool is_c1 = byte == 0xc2 && next < 0xa0;  // U+0080 to U+009F
    if (is_c1) {
      result += fmt::format("\\u{:04x}", next);
      ++i;
    } else if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f) {
      result += fmt::format("\\u{:04x}", byte);
    } else {
      result += valid[i];
    }
  }
  return result;
}

bool is_utf8(std::string_view text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

}  // namespace tern
