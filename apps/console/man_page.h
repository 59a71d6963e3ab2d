#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tern {

/// What --help says of a program or of one of its commands.
struct Manual {
  struct Option {
    std::string names;  ///< "-o,--output TEXT REQUIRED"
    std::string text;
  };
  struct Group {
    std::string title;  ///< "Positionals", "Options"
    std::vector<Option> options;
  };
  struct Section {
    std::string title;
    std::string text;  ///< Laid out already.
  };

  std::string name, description, synopsis;  ///< The last without the name.
  std::vector<Group> groups;
  std::vector<Manual> commands;
  std::vector<Section> sections;
};

/// The page for man(1), section 1, of a program of that version.
std::string man_page(const Manual& manual, std::string_view version);

}  // namespace tern
