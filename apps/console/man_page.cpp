#include "tern/apps/console/man_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace tern {
namespace {

/// Text for roff: a backslash, a hyphen that is to be one, and a line that is no request.
std::string roff(std::string_view text) {
  std::string escaped;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
    line_begins = c == '\n';
  }
  return escaped;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// The first clause of the description, as a list of pages shows it.
std::string summary(const std::string& description) {
  std::size_t end = 0;
  while (end < description.size() &&
         !(std::string_view(".:;").find(description[end]) != std::string_view::npos &&
           (end + 1 == description.size() || description[end + 1] == ' '))) {
    ++end;
  }
  std::string clause = description.substr(0, end);
  if (!clause.empty()) clause[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(clause[0])));
  return clause;
}

std::string options(const Manual::Group& group) {
  std::string page;
  for (const Manual::Option& option : group.options) {
    page += fmt::format(".TP\n.B {}\n{}\n", roff(option.names), roff(option.text));
  }
  return page;
}

std::string command(const Manual& manual) {
  std::string page =
      fmt::format(".SS {} {}\n{}\n", roff(manual.name), roff(manual.synopsis), roff(manual.description));
  for (const Manual::Group& group : manual.groups) page += options(group);
  return page;
}

}  // namespace

std::string man_page(const Manual& manual, std::string_view version) {
  std::string page =
      fmt::format(".TH {} 1 \"\" \"Tern {}\" \"Tern\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.B {}\n{}\n",
                  roff(upper(manual.name)), roff(version), roff(manual.name),
                  roff(summary(manual.description)), roff(manual.name), roff(manual.synopsis));
  page += fmt::format(".SH DESCRIPTION\n{}\n", roff(manual.description));
  for (const Manual::Group& group : manual.groups) {
    page += fmt::format(".SH {}\n{}", roff(upper(group.title)), options(group));
  }
  if (!manual.commands.empty()) page += ".SH COMMANDS\n";
  for (const Manual& each : manual.commands) page += command(each);
  for (const Manual::Section& section : manual.sections) {
    page += fmt::format(".SH {}\n.nf\n{}\n.fi\n", roff(upper(section.title)), roff(section.text));
  }
  return page;
}

}  // namespace tern
