// A program's options. CLI11, which reads them, takes ten seconds to compile: it is included by
// command_line.cpp alone.
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tern {

/// What is wrong with a command line; a program's body may throw it, too.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A handle of one option, which lives as long as its CommandLine.
class CommandOption {
 public:
  explicit CommandOption(CLI::Option& option) : option_(option) {}

  CommandOption required() const;
  CommandOption one_of(std::vector<std::string> values) const;
  /// Both ends are allowed.
  CommandOption in_range(int low, int high) const;
  CommandOption in_range(double low, double high) const;
  /// Can only be given together with `other`.
  CommandOption needs(CommandOption other) const;
  /// Can not be given together with `other`.
  CommandOption excludes(CommandOption other) const;
  /// Takes one value each time it is given: what follows is not another one.
  CommandOption one_value_each() const;
  /// Takes its values as one argument: "1,2,3".
  CommandOption comma_separated() const;
  /// May be given without a value, and then has this one.
  CommandOption optional_value(const std::string& fallback) const;
  /// The help shows the value that the variable has now.
  CommandOption show_default() const;

 private:
  CLI::Option& option_;
};

class CommandLine {
 public:
  /// Has the flags --help and --version, and --man-page, which --help does not mention: it prints what --help
  /// says as a page for man(1).
  CommandLine(const std::string& description, const std::string& name);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;

  /// An option ("-o,--output") or, without dashes, an argument by position. parse() writes it to `value`,
  /// whose type is std::string, int, std::int64_t, std::uint64_t, double, or a vector of strings or doubles.
  template <class T>
  CommandOption option(const std::string& names, T& value, const std::string& help);
  CommandOption flag(const std::string& names, bool& value, const std::string& help);

  /// Adds a command; a command line must then have exactly one. It lives as long as this.
  CommandLine& command(const std::string& name, const std::string& help);
  /// The name of the command that was given.
  std::string chosen_command() const;

  /// A section of the manual page besides those of the options, whose text is laid out already.
  void manual_section(const std::string& title, std::function<std::string()> text);

  /// False after --help, --version or --man-page, which has printed it. Throws UsageError.
  bool parse(int argc, const char* const* argv);
  const std::string& name() const;

 private:
  explicit CommandLine(std::shared_ptr<CLI::App> app);

  std::shared_ptr<CLI::App> app_;  // a command shares CLI11's own pointer
  std::vector<std::unique_ptr<CommandLine>> commands_;
  std::vector<std::pair<std::string, std::function<std::string()>>> manual_sections_;
};

}  // namespace tern
