// report.html: the curves and numbers of a run in one file that needs no other and no JavaScript.
#pragma once

#include <string>

#include "tern/training/metrics.h"

namespace tern {

/// The page. `title` names the run, `config_json` is its resolved configuration.
std::string render_report(const std::string& title, const Metrics& metrics, const std::string& config_json);

/// Writes the page to `path` by way of a temporary file, so that a reader never sees half of it. Throws
/// DataError if that fails.
void write_report(const std::string& path, const std::string& title, const Metrics& metrics,
                  const std::string& config_json);

}  // namespace tern
