// The part of fmt that is not in its headers, which Debian has as a shared library alone.
#include <fmt/format.h>

namespace tern {

/// All of it follows from this.
[[gnu::used]] std::string (*const formats)(fmt::string_view, fmt::format_args) = &fmt::vformat;

}  // namespace tern
