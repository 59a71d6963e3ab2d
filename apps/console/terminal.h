// What the terminal at the other end can show.
#pragma once

#include <cstdio>

namespace tern {

struct TerminalStyle {
  bool interactive = false;  // a terminal that can redraw a line; otherwise a file or a pipe
  bool color = false;        // the NO_COLOR convention (no-color.org) turns it off
  bool utf8 = false;         // the locale has UTF-8
};

TerminalStyle terminal_style(std::FILE* stream);

/// Width in columns, asked anew each time since a window may be resized; 80 if unknown.
int terminal_columns(std::FILE* stream);

}  // namespace tern
