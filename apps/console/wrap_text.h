#pragma once

#include <string>
#include <string_view>

namespace tern {

/// `text`, in which lines longer than `columns` characters are broken at spaces. What is broken off is
/// indented as what it continues: the second column of a line that has one (behind two spaces or more), else
/// the line itself, or, where that begins at the margin, `margin` spaces. A longer word stays whole.
std::string wrap_text(std::string_view text, int columns, int margin = 0);

}  // namespace tern
