#include "tern/core/strict_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "tern/core/c_locale.h"
#include "tern/core/dotted_path.h"
#include "tern/core/error.h"

namespace tern {
namespace {

/// The parser keeps the last of several equal keys without a word, so each key is checked as it is read.
class DuplicateKeyCheck {
 public:
  explicit DuplicateKeyCheck(std::string_view source) : source_(source) {}

  void operator()(Json::parse_event_t event, const Json& value) {
    using Event = Json::parse_event_t;
    if (event == Event::object_start) {
      open_.emplace_back();
    } else if (event == Event::object_end) {
      open_.pop_back();
    } else if (event == Event::key) {
      open_.back().current = value.get<std::string>();
      require<ConfigError>(open_.back().current.size() <= kMaxKeyBytes,
                           "{}: a key of {} bytes; the longest has {}", source_, open_.back().current.size(),
                           kMaxKeyBytes);
      const bool is_new = open_.back().seen.insert(open_.back().current).second;
      require<ConfigError>(is_new, "{}: {}: duplicate key; keep one of them", source_, path());
    }
  }

 private:
  static constexpr std::size_t kMaxKeyBytes = 1024;

  struct Object {
    std::set<std::string> seen;
    std::string current;
  };

  std::string path() const {
    std::string path;
    for (const Object& object : open_) path = join_path(path, object.current);
    return path;
  }

  std::string_view source_;
  std::vector<Object> open_;
};

/// "line 2, column 14" of the 1-based position `byte`. The library's own count says "line 3, column 0" where
/// the byte is the newline that ends line 2.
std::string line_and_column(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("line {}, column {}", line, before.size() - line_start + 1);
}

/// The library's messages read "[json.exception.NAME.NUMBER] parse error at line L, column C: MESSAGE", the
/// second part in syntax errors only.
std::string plain_message(std::string message) {
  for (const std::string_view start : {"[json.exception.", "parse error at "}) {
    if (!message.starts_with(start)) continue;
    const auto end = message.find(start[0] == '[' ? "] " : ": ");
    if (end != std::string::npos) message.erase(0, end + 2);
  }
  return message;
}

}  // namespace

Json parse_strict_json(std::string_view text, std::string_view source, const StrictJsonOptions& options) {
  DuplicateKeyCheck check(source);
  const auto on_event = [&](int depth, Json::parse_event_t event, Json& value) {
    require<ConfigError>(depth <= options.max_depth, "{}: nested more than {} levels deep", source,
                         options.max_depth);
    check(event, value);
    return true;
  };
  const CLocale locale;
  try {
    return Json::parse(text, on_event, /*allow_exceptions=*/true, /*ignore_comments=*/options.comments);
  } catch (const Json::parse_error& e) {
    throw ConfigError(
        fmt::format("{}: {}: {}", source, line_and_column(text, e.byte), plain_message(e.what())));
  } catch (const Json::out_of_range& e) {
    throw ConfigError(fmt::format("{}: {}", source, plain_message(e.what())));
  }
}

std::string quoted_json(const Json& value) {
  constexpr std::size_t kLongest = 60;
  // Escaping to ASCII lets the text be cut anywhere without splitting a character.
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > kLongest) text.replace(kLongest, std::string::npos, "...");
  return text;
}

}  // namespace tern
