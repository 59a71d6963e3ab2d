// A configuration declared once: each field's path, type, limits, default and help stand in one place, bound
// to a member of a struct, and the same declaration reads, checks, dumps and documents the configuration.
//
//   Schema schema;
//   schema.field("training.epochs", config.epochs, "passes over the training images").at_least(1);
//   schema.field("device", config.device, "where to compute").one_of({"cpu", "cuda"});
//   schema.read(text, "config.json", {"training.epochs=20"});
//
// The struct's values at the time of declaration are the defaults.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tern/apps/config/config_field.h"

namespace tern {

class Schema {
 public:
  /// Declares a field; the limits are added on what this returns. `member` must outlive the schema.
  template <class T>
  ConfigField& field(std::string path, T& member, std::string help) {
    return fields_.emplace_back(std::move(path), &member, std::move(help));
  }

  /// Reads the JSON object `text`, in which there may be comments (// and /* */), named `source` in errors,
  /// then applies the overrides "a.b=value" in order.
  ///
  /// Refused with ConfigError: bad syntax (with line and column), duplicate or unknown keys, values of
  /// another type or out of limits, missing required keys. Where the type is an integer, a number of integral
  /// value is one however it is written (1e2 is 100). The value of an override is JSON; what is not JSON is a
  /// string.
  void read(std::string_view text, const std::string& source, const std::vector<std::string>& overrides = {});

  /// All fields with their present values, indented, in the order of declaration. `read` accepts it again.
  std::string to_json() const;

  /// One entry for each field: path, what it may be, default, help. Of the fields in `section`, or of the
  /// field of that path; of all for "". Throws ConfigError if there is none.
  std::string help(std::string_view section = "") const;

  /// A configuration of these fields alone, with their examples or defaults.
  std::string example(std::string_view section) const;

  /// The names of the outermost sections and fields, in the order of declaration.
  std::vector<std::string> sections() const;

 private:
  std::deque<ConfigField> fields_;  // a deque, since `field` hands out references to its elements
};

}  // namespace tern
