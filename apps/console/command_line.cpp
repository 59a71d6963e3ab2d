#include "tern/apps/console/command_line.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <utility>

#include "tern/apps/console/man_page.h"
#include "tern/apps/console/terminal.h"
#include "tern/apps/console/version.h"
#include "tern/apps/console/wrap_text.h"

namespace tern {
namespace {

/// --man-page was given.
class CallForManPage {};

std::vector<const CLI::Option*> options_of(const CLI::App& app, bool positional, const std::string& group) {
  return app.get_options([&](const CLI::Option* option) {
    return option->nonpositional() != positional && option->get_group() == group;
  });
}

Manual::Group manual_group(const std::string& title, const std::vector<const CLI::Option*>& options,
                           bool positional) {
  const CLI::Formatter formatter;
  Manual::Group group{title, {}};
  for (const CLI::Option* option : options) {
    group.options.push_back(
        {formatter.make_option_name(option, positional) + formatter.make_option_opts(option),
         formatter.make_option_desc(option)});
  }
  return group;
}

Manual manual_of(const CLI::App& app) {
  Manual manual{app.get_name(), app.get_description(), "[OPTIONS]", {}, {}, {}};
  Manual::Group positionals{"Positionals", {}};
  std::vector<Manual::Group> groups;
  for (const std::string& title : app.get_groups()) {
    if (title.empty()) continue;
    for (const CLI::Option* option : options_of(app, true, title)) {
      const std::string name = option->get_name(true);
      manual.synopsis += option->get_required() ? " " + name : " [" + name + "]";
      positionals.options.push_back(manual_group(title, {option}, true).options.front());
    }
    groups.push_back(manual_group(title, options_of(app, false, title), false));
  }
  groups.insert(groups.begin(), std::move(positionals));
  for (Manual::Group& group : groups) {
    if (!group.options.empty()) manual.groups.push_back(std::move(group));
  }
  for (const CLI::App* command : app.get_subcommands(nullptr)) manual.commands.push_back(manual_of(*command));
  if (!manual.commands.empty()) manual.synopsis = "COMMAND " + manual.synopsis;
  return manual;
}

}  // namespace

CommandOption CommandOption::required() const {
  option_.required();
  return *this;
}

CommandOption CommandOption::one_of(std::vector<std::string> values) const {
  option_.check(CLI::IsMember(std::move(values)));
  return *this;
}

CommandOption CommandOption::in_range(int low, int high) const {
  option_.check(CLI::Range(low, high));
  return *this;
}

CommandOption CommandOption::in_range(double low, double high) const {
  option_.check(CLI::Range(low, high));
  return *this;
}

CommandOption CommandOption::needs(CommandOption other) const {
  option_.needs(&other.option_);
  return *this;
}

CommandOption CommandOption::excludes(CommandOption other) const {
  option_.excludes(&other.option_);
  return *this;
}

CommandOption CommandOption::one_value_each() const {
  option_.allow_extra_args(false);
  return *this;
}

CommandOption CommandOption::comma_separated() const {
  option_.delimiter(',')->allow_extra_args(false);
  return *this;
}

CommandOption CommandOption::optional_value(const std::string& fallback) const {
  option_.expected(0, 1)->default_str(fallback);
  return *this;
}

CommandOption CommandOption::show_default() const {
  option_.capture_default_str();
  return *this;
}

CommandLine::CommandLine(const std::string& description, const std::string& name)
    : app_(std::make_shared<CLI::App>(description, name)) {
  app_->set_version_flag(
      "--version", [name] { return version_text(name); }, "print the version and what is built in");
  app_->add_flag_callback("--man-page", [] { throw CallForManPage(); })->group("");
}

CommandLine::CommandLine(std::shared_ptr<CLI::App> app) : app_(std::move(app)) {}

CommandLine::~CommandLine() = default;

template <class T>
CommandOption CommandLine::option(const std::string& names, T& value, const std::string& help) {
  return CommandOption(*app_->add_option(names, value, help));
}

template CommandOption CommandLine::option(const std::string&, std::string&, const std::string&);
template CommandOption CommandLine::option(const std::string&, std::vector<std::string>&, const std::string&);
template CommandOption CommandLine::option(const std::string&, std::vector<double>&, const std::string&);
template CommandOption CommandLine::option(const std::string&, int&, const std::string&);
template CommandOption CommandLine::option(const std::string&, std::int64_t&, const std::string&);
template CommandOption CommandLine::option(const std::string&, std::uint64_t&, const std::string&);
template CommandOption CommandLine::option(const std::string&, double&, const std::string&);

CommandOption CommandLine::flag(const std::string& names, bool& value, const std::string& help) {
  return CommandOption(*app_->add_flag(names, value, help));
}

CommandLine& CommandLine::command(const std::string& name, const std::string& help) {
  app_->require_subcommand(1);
  app_->add_subcommand(name, help);
  commands_.push_back(std::unique_ptr<CommandLine>(new CommandLine(app_->get_subcommand_ptr(name))));
  return *commands_.back();
}

std::string CommandLine::chosen_command() const {
  return app_->get_subcommands().front()->get_name();
}

void CommandLine::manual_section(const std::string& title, std::function<std::string()> text) {
  manual_sections_.emplace_back(title, std::move(text));
}

bool CommandLine::parse(int argc, const char* const* argv) {
  try {
    app_->parse(argc, argv);
    return true;
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", wrap_text(app_->help(), terminal_columns(stdout)));
    return false;
  } catch (const CLI::CallForVersion& version) {
    fmt::print("{}\n", version.what());
    return false;
  } catch (const CallForManPage&) {
    Manual manual = manual_of(*app_);
    for (const auto& [title, text] : manual_sections_) manual.sections.push_back({title, text()});
    fmt::print("{}", man_page(manual, version()));
    return false;
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
}

const std::string& CommandLine::name() const {
  return app_->get_name();
}

}  // namespace tern
