// One field of a configuration: where its value lives, what it may be, what it is for.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tern {

/// A part of the configuration that somebody else defines: an object or a string, kept as JSON text.
struct FreeJson {
  std::string text = "\"\"";

  bool is_given() const { return text != FreeJson{}.text; }
};

/// The interval that a number, or each number of a list, must lie in.
struct NumberLimits {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool excludes_min = false;
  bool excludes_max = false;

  bool hold(double value) const {
    return (excludes_min ? value > min : value >= min) && (excludes_max ? value < max : value <= max);
  }
};

class ConfigField {
 public:
  using Target = std::variant<std::int64_t*, double*, bool*, std::string*, std::vector<double>*, FreeJson*>;

  ConfigField(std::string path, Target target, std::string help);

  ConfigField& at_least(double min);
  ConfigField& above(double min);
  ConfigField& at_most(double max);
  ConfigField& below(double max);
  /// The only strings allowed.
  ConfigField& one_of(std::vector<std::string> values);
  /// The length of a list.
  ConfigField& length(std::size_t count);
  /// There is no default: the configuration must give the field.
  ConfigField& required();
  /// JSON that an example shows in place of the default.
  ConfigField& example(std::string json);

  const std::string& path() const { return path_; }
  const std::string& help() const { return help_; }
  const Target& target() const { return target_; }
  const NumberLimits& limits() const { return limits_; }
  const std::vector<std::string>& allowed() const { return allowed_; }
  std::size_t required_length() const { return length_; }  // 0: any
  const std::string& example() const { return example_; }  // empty: the default
  bool is_required() const { return required_; }
  bool is_given() const { return given_; }
  void mark_given() { given_ = true; }

  /// What the value must be: "an integer >= 1", "one of \"a\", \"b\"", "a list of 3 numbers > 0".
  std::string expectation() const;

 private:
  std::string path_;
  Target target_;
  std::string help_;
  NumberLimits limits_;
  std::vector<std::string> allowed_;
  std::size_t length_ = 0;
  std::string example_;
  bool required_ = false;
  bool given_ = false;
};

}  // namespace tern
