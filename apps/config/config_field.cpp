#include "tern/apps/config/config_field.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

namespace tern {
namespace {

std::string describe(const NumberLimits& limits) {
  std::string text;
  if (std::isfinite(limits.min)) text += fmt::format(" {} {}", limits.excludes_min ? ">" : ">=", limits.min);
  if (std::isfinite(limits.max)) {
    text += fmt::format("{} {} {}", text.empty() ? "" : " and", limits.excludes_max ? "<" : "<=", limits.max);
  }
  return text;
}

std::string describe_choice(const std::vector<std::string>& allowed) {
  return fmt::format("one of \"{}\"", fmt::join(allowed, "\", \""));
}

}  // namespace

ConfigField::ConfigField(std::string path, Target target, std::string help)
    : path_(std::move(path)), target_(target), help_(std::move(help)) {}

ConfigField& ConfigField::at_least(double min) {
  limits_.min = min;
  return *this;
}

ConfigField& ConfigField::above(double min) {
  limits_.min = min;
  limits_.excludes_min = true;
  return *this;
}

ConfigField& ConfigField::at_most(double max) {
  limits_.max = max;
  return *this;
}

ConfigField& ConfigField::below(double max) {
  limits_.max = max;
  limits_.excludes_max = true;
  return *this;
}

ConfigField& ConfigField::one_of(std::vector<std::string> values) {
  allowed_ = std::move(values);
  return *this;
}

ConfigField& ConfigField::length(std::size_t count) {
  length_ = count;
  return *this;
}

ConfigField& ConfigField::required() {
  required_ = true;
  return *this;
}

ConfigField& ConfigField::example(std::string json) {
  example_ = std::move(json);
  return *this;
}

std::string ConfigField::expectation() const {
  struct {
    const ConfigField& field;
    std::string operator()(std::int64_t*) const { return "an integer" + describe(field.limits()); }
    std::string operator()(double*) const { return "a number" + describe(field.limits()); }
    std::string operator()(bool*) const { return "true or false"; }
    std::string operator()(std::string*) const {
      return field.allowed().empty() ? "a string" : describe_choice(field.allowed());
    }
    std::string operator()(std::vector<double>*) const {
      const std::size_t count = field.required_length();
      return (count == 0 ? "a list of numbers" : fmt::format("a list of {} numbers", count)) +
             describe(field.limits());
    }
    std::string operator()(FreeJson*) const { return "an object or a string"; }
  } const describe_target{*this};
  return std::visit(describe_target, target_);
}

}  // namespace tern
