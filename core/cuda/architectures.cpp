#include "tern/core/cuda/architectures.h"

#include <charconv>

namespace tern::cuda {
namespace {

bool one_runs_on(std::string_view architecture, int major, int minor) {
  int compiled = 0;
  const char* const last = architecture.data() + architecture.size();
  const auto [end, error] = std::from_chars(architecture.data(), last, compiled);
  if (error != std::errc{}) return true;
  const std::string_view rest(end, static_cast<std::size_t>(last - end));
  const bool specific = rest.substr(0, 1) == "a";
  const std::string_view kind = specific ? rest.substr(1) : rest;
  const int device = 10 * major + minor;
  if (specific) return device == compiled;
  const bool machine_code = kind != "-virtual" && compiled / 10 == major && compiled <= device;
  const bool ptx = kind != "-real" && compiled <= device;
  return machine_code || ptx;
}

}  // namespace

bool runs_on(std::string_view architectures, int major, int minor) {
  while (!architectures.empty()) {
    const std::size_t comma = architectures.find(',');
    if (one_runs_on(architectures.substr(0, comma), major, minor)) return true;
    architectures = comma == std::string_view::npos ? "" : architectures.substr(comma + 1);
  }
  return false;
}

}  // namespace tern::cuda
