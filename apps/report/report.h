// report.html: the curves and numbers of a run in one file that needs no other and no JavaScript.
#pragma once

#include <string>

#include "tern/apps/report/confusion.h"
#include "tern/training/metrics.h"

namespace tern {

struct ReportContent {
  std::string title;  ///< Names the run.
  const Metrics& metrics;
  std::string config_json;                     ///< Its resolved configuration.
  std::string note = {};                       ///< A sentence about how it ended; empty: none.
  const ConfusionMatrix* confusion = nullptr;  ///< Of the best epoch; null: none.
};

/// The page.
std::string render_report(const ReportContent& content);

/// Writes the page to `path` by way of a temporary file, so that a reader never sees half of it. Throws
/// DataError if that fails.
void write_report(const std::string& path, const ReportContent& content);

}  // namespace tern
