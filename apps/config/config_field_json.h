// Between a configuration field and JSON.
#pragma once

#include <string>

#include "tern/apps/config/config_field.h"
#include "tern/core/strict_json.h"

namespace tern {

/// Stores `value` in the field's member. Throws ConfigError beginning with `where`, leaving the member as it
/// was, if the value is of another type or out of limits.
void assign_json(ConfigField& field, const Json& value, const std::string& where);

/// The present value of the field's member.
Json json_of(const ConfigField& field);

}  // namespace tern
