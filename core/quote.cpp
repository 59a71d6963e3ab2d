#include "tern/core/quote.h"

#include <nlohmann/json.hpp>

namespace tern {

std::string quote(std::string_view text) {
  constexpr std::size_t kMaxBytes = 120;
  const std::string start(text.substr(0, kMaxBytes));
  return nlohmann::json(start).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
         (text.size() > kMaxBytes ? "..." : "");
}

}  // namespace tern
