#include "tern/apps/config/config_schema.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "tern/apps/config/config_field_json.h"
#include "tern/core/dotted_path.h"
#include "tern/core/error.h"
#include "tern/core/nearest_name.h"

namespace tern {
namespace {

/// "training.epochs" is under "training"; everything is under "".
bool is_under(std::string_view path, std::string_view section) {
  if (section.empty()) return true;
  return path.size() > section.size() && path.substr(0, section.size()) == section &&
         path[section.size()] == '.';
}

bool is_in(const ConfigField& field, std::string_view section) {
  return field.path() == section || is_under(field.path(), section);
}

/// Sets the member of `root` at the dotted `path`.
void place(Json value, const std::string& path, Json& root) {
  Json* at = &root;
  std::size_t start = 0;
  for (auto dot = path.find('.'); dot != std::string::npos; dot = path.find('.', start)) {
    at = &(*at)[path.substr(start, dot - start)];
    start = dot + 1;
  }
  (*at)[path.substr(start)] = std::move(value);
}

std::string_view last_name(std::string_view path) {
  const auto dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

/// Assigns JSON to the declared fields, for one origin of values: the file, or one override.
class Assigner {
 public:
  /// Errors begin with `prefix` and the path of the key.
  Assigner(std::deque<ConfigField>& fields, std::string prefix)
      : fields_(fields), prefix_(std::move(prefix)) {}

  void assign(const Json& value, const std::string& path) {
    if (ConfigField* field = find(path)) {
      assign_json(*field, value, prefix_ + path);
    } else if (is_section(path)) {
      assign_section(value, path);
    } else if (!assign_within_free_json(value, path)) {
      refuse_unknown(path);
    }
  }

  /// The value is JSON if it parses as such; a string needs no quotes, not even "true" or "12" where the
  /// field is a string.
  void assign_text(const std::string& text, const std::string& path) {
    const std::optional<Json> json =
        Json::accept(text) ? std::optional(parse_strict_json(text, prefix_ + path)) : std::nullopt;
    const ConfigField* field = find(path);
    const bool wants_string = field && std::holds_alternative<std::string*>(field->target());
    const bool use_json = json && (json->is_string() || !wants_string);
    assign(use_json ? *json : Json(text), path);
  }

 private:
  ConfigField* find(std::string_view path) {
    const auto found =
        std::find_if(fields_.begin(), fields_.end(), [&](const ConfigField& f) { return f.path() == path; });
    return found == fields_.end() ? nullptr : &*found;
  }

  bool is_section(std::string_view path) const {
    return std::any_of(fields_.begin(), fields_.end(),
                       [&](const ConfigField& f) { return is_under(f.path(), path); });
  }

  void assign_section(const Json& value, const std::string& path) {
    require<ConfigError>(value.is_object(), "{}{}expected an object, got {}", prefix_,
                         path.empty() ? "" : path + ": ", quoted_json(value));
    for (const auto& [key, member] : value.items()) {
      require<ConfigError>(key.find('.') == std::string::npos,
                           "{}{}: a key holds no dot; nest objects instead: {{\"a\": {{\"b\": ...}}}}",
                           prefix_, join_path(path, key));
      assign(member, join_path(path, key));
    }
  }

  /// An override such as model.widths=[8,16], where "model" is a field of free JSON.
  bool assign_within_free_json(const Json& value, const std::string& path) {
    for (auto dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1)) {
      ConfigField* field = find(path.substr(0, dot));
      if (!field || !std::holds_alternative<FreeJson*>(field->target())) continue;
      Json whole = json_of(*field);
      set_member(whole, value, path, dot);
      assign_json(*field, whole, prefix_ + path);
      return true;
    }
    return false;
  }

  /// Sets, in `whole` that stands at the path's first `parent_end` characters, the member named by the rest.
  void set_member(Json& whole, const Json& value, const std::string& path, std::size_t parent_end) const {
    Json* parent = &whole;
    while (true) {
      require<ConfigError>(parent->is_object(), "{}{}: {} is not an object but {}", prefix_, path,
                           path.substr(0, parent_end), quoted_json(*parent));
      const auto key_start = parent_end + 1;
      parent_end = path.find('.', key_start);
      const std::string key = path.substr(key_start, parent_end - key_start);
      require<ConfigError>(!key.empty(), "{}{}: an empty name in the path", prefix_, path);
      if (parent_end == std::string::npos) {
        (*parent)[key] = value;
        return;
      }
      if (!parent->contains(key)) (*parent)[key] = Json::object();
      parent = &(*parent)[key];
    }
  }

  [[noreturn]] void refuse_unknown(const std::string& path) const {
    const std::string nearest = nearest_path(path);
    const std::string hint = nearest.empty() ? fmt::format("known here: {}", fmt::join(siblings(path), ", "))
                                             : fmt::format("did you mean {}?", nearest);
    throw ConfigError(fmt::format("{}{}: unknown key; {}", prefix_, path, hint));
  }

  /// The known path most like `path`, or else a field of the same last name in another section.
  std::string nearest_path(const std::string& path) const {
    std::vector<std::string> candidates = siblings(path);
    for (const ConfigField& field : fields_) candidates.push_back(field.path());
    if (const std::string nearest = nearest_name(path, candidates); !nearest.empty()) return nearest;
    const auto same_name = std::find_if(fields_.begin(), fields_.end(), [&](const ConfigField& f) {
      return last_name(f.path()) == last_name(path);
    });
    return same_name == fields_.end() ? "" : same_name->path();
  }

  /// The paths of the fields and sections beside `path`, or of the outermost ones if it lies nowhere.
  std::vector<std::string> siblings(const std::string& path) const {
    std::string_view section = std::string_view(path).substr(0, path.size() - last_name(path).size());
    if (!section.empty()) section.remove_suffix(1);
    if (!is_section(section)) section = "";
    std::vector<std::string> paths;
    for (const ConfigField& field : fields_) {
      if (!is_under(field.path(), section)) continue;
      const auto start = section.empty() ? 0 : section.size() + 1;
      std::string sibling = field.path().substr(0, field.path().find('.', start));
      if (paths.empty() || paths.back() != sibling) paths.push_back(std::move(sibling));
    }
    return paths;
  }

  std::deque<ConfigField>& fields_;
  std::string prefix_;
};

void apply_override(std::deque<ConfigField>& fields, const std::string& assignment) {
  const auto equals = assignment.find('=');
  require<ConfigError>(equals != std::string::npos && equals > 0, "--set {}: expected a.b=value", assignment);
  Assigner(fields, "--set ").assign_text(assignment.substr(equals + 1), assignment.substr(0, equals));
}

void require_all_given(const std::deque<ConfigField>& fields, const std::string& source) {
  std::vector<std::string> missing;
  for (const ConfigField& field : fields) {
    if (field.is_required() && !field.is_given()) {
      missing.push_back(fmt::format("{} ({})", field.path(), field.help()));
    }
  }
  require<ConfigError>(missing.empty(), "{}: missing: {}", source, fmt::join(missing, ", "));
}

}  // namespace

void Schema::read(std::string_view text, const std::string& source,
                  const std::vector<std::string>& overrides) {
  Assigner(fields_, source + ": ").assign(parse_strict_json(text, source, {.comments = true}), "");
  for (const std::string& assignment : overrides) apply_override(fields_, assignment);
  require_all_given(fields_, source);
}

std::string Schema::to_json() const {
  Json root = Json::object();
  for (const ConfigField& field : fields_) place(json_of(field), field.path(), root);
  return root.dump(2) + "\n";
}

std::string Schema::help(std::string_view section) const {
  std::string text;
  for (const ConfigField& field : fields_) {
    if (!is_in(field, section)) continue;
    const std::string standard =
        field.is_required() ? "required" : fmt::format("default {}", json_of(field).dump());
    text += fmt::format("{}: {}; {}\n    {}\n", field.path(), field.expectation(), standard, field.help());
  }
  require<ConfigError>(!text.empty(), "{}: no section or field of the configuration; known: {}", section,
                       fmt::join(sections(), ", "));
  return text;
}

std::string Schema::example(std::string_view section) const {
  Json root = Json::object();
  for (const ConfigField& field : fields_) {
    if (!is_in(field, section)) continue;
    place(field.example().empty() ? json_of(field) : Json::parse(field.example()), field.path(), root);
  }
  return root.dump(2) + "\n";
}

std::vector<std::string> Schema::sections() const {
  std::vector<std::string> names;
  for (const ConfigField& field : fields_) {
    std::string name = field.path().substr(0, field.path().find('.'));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace tern
