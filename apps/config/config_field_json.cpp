#include "tern/apps/config/config_field_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "tern/core/error.h"
#include "tern/core/nearest_name.h"

namespace tern {
namespace {

/// JSON has one kind of number: 1e2 and 100.0 are the integer 100. Beyond 2^53 a float no longer says which
/// integer was meant.
std::optional<std::int64_t> integer_of(const Json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_number_float()) return std::nullopt;
  const double number = value.get<double>();
  constexpr double kExactIntegers = 9007199254740992.0;  // 2^53
  if (std::trunc(number) != number || std::abs(number) > kExactIntegers) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

bool is_valid_utf8(const Json& text) {
  try {
    static_cast<void>(text.dump());
    return true;
  } catch (const Json::type_error&) {
    return false;
  }
}

/// Each overload stores the value and returns true, or leaves the member alone and returns false.
struct Assign {
  const ConfigField& field;
  const Json& value;

  bool operator()(std::int64_t* member) const {
    const std::optional<std::int64_t> number = integer_of(value);
    if (!number || !field.limits().hold(static_cast<double>(*number))) return false;
    *member = *number;
    return true;
  }

  bool operator()(double* member) const {
    if (!value.is_number() || !field.limits().hold(value.get<double>())) return false;
    *member = value.get<double>();
    return true;
  }

  bool operator()(bool* member) const {
    if (!value.is_boolean()) return false;
    *member = value.get<bool>();
    return true;
  }

  bool operator()(std::string* member) const {
    if (!value.is_string() || !is_valid_utf8(value)) return false;
    const auto& text = value.get_ref<const std::string&>();
    const auto& allowed = field.allowed();
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), text) == allowed.end()) return false;
    *member = text;
    return true;
  }

  bool operator()(std::vector<double>* member) const {
    if (!value.is_array()) return false;
    if (field.required_length() != 0 && value.size() != field.required_length()) return false;
    const bool elements_fit = std::all_of(value.begin(), value.end(), [this](const Json& element) {
      return element.is_number() && field.limits().hold(element.get<double>());
    });
    if (!elements_fit) return false;
    *member = value.get<std::vector<double>>();
    return true;
  }

  bool operator()(FreeJson* member) const {
    if (!(value.is_object() || value.is_string()) || !is_valid_utf8(value)) return false;
    member->text = value.dump();
    return true;
  }
};

std::string suggestion(const ConfigField& field, const Json& value) {
  if (field.allowed().empty() || !value.is_string()) return "";
  const std::string nearest = nearest_name(value.get<std::string>(), field.allowed());
  return nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest);
}

}  // namespace

void assign_json(ConfigField& field, const Json& value, const std::string& where) {
  const bool fits = std::visit(Assign{field, value}, field.target());
  require<ConfigError>(fits, "{}: expected {}, got {}{}", where, field.expectation(), quoted_json(value),
                       suggestion(field, value));
  field.mark_given();
}

Json json_of(const ConfigField& field) {
  struct {
    Json operator()(const FreeJson* member) const { return Json::parse(member->text); }
    Json operator()(const std::int64_t* member) const { return *member; }
    Json operator()(const double* member) const { return *member; }
    Json operator()(const bool* member) const { return *member; }
    Json operator()(const std::string* member) const { return *member; }
    Json operator()(const std::vector<double>* member) const { return *member; }
  } const to_json;
  return std::visit(to_json, field.target());
}

}  // namespace tern
