#include "tern/apps/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tern/apps/console/progress_format.h"
#include "tern/apps/report/svg_chart.h"
#include "tern/core/atomic_file.h"

namespace tern {
namespace {

constexpr const char* kStyle = R"css(
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1c2430; --faint: #66707f;
  --line: #e3e7ec; --train: #2166c2; --validation: #d9660f; --single: #2166c2; }
@media (prefers-color-scheme: dark) {
  :root { --page: #12161c; --card: #1a2029; --text: #e4e8ee; --faint: #98a2b1; --line: #2c3440;
    --train: #64a5f5; --validation: #f59a4d; --single: #64a5f5; } }
body { margin: 0 auto; max-width: 1240px; padding: 24px; background: var(--page); color: var(--text);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 22px; margin: 0 0 16px; overflow-wrap: anywhere; }
.charts { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); }
figure, .card { margin: 0 0 16px; padding: 14px 16px; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; overflow-x: auto; }
.charts figure { margin: 0; }
.charts { margin-bottom: 16px; }
figcaption, summary { font-weight: 600; margin-bottom: 6px; }
svg { display: block; width: 100%; height: auto; }
.grid { stroke: var(--line); fill: none; }
.axis { stroke: var(--faint); fill: none; }
.tick { fill: var(--faint); font: 12px system-ui, sans-serif; }
.end { text-anchor: end; } .mid { text-anchor: middle; }
.curve { stroke: var(--c); fill: none; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
circle { fill: var(--c); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 6px 0 0; padding: 0; list-style: none;
  font-size: 13px; color: var(--faint); }
.legend li::before { content: ""; display: inline-block; width: 14px; height: 3px; border-radius: 2px;
  margin-right: 6px; vertical-align: middle; background: var(--c); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--faint); font-weight: 500; } tr > :first-child { text-align: left; }
tr:last-child td { border-bottom: 0; }
pre { margin: 0; font: 13px/1.4 ui-monospace, monospace; }
)css";

using Column = double EpochMetrics::*;

std::vector<double> values(const Metrics& metrics, Column column) {
  std::vector<double> result;
  for (const EpochMetrics& epoch : metrics.epochs) result.push_back(epoch.*column);
  return result;
}

Chart chart(const Metrics& metrics, const std::string& title) {
  Chart result;
  result.title = title;
  result.x_label = "epoch";
  for (const EpochMetrics& epoch : metrics.epochs) result.x.push_back(static_cast<double>(epoch.epoch));
  return result;
}

Chart train_and_validation(const Metrics& metrics, const std::string& title, Column train,
                           Column validation) {
  Chart result = chart(metrics, title);
  result.series = {{"training", "var(--train)", values(metrics, train)},
                   {"validation", "var(--validation)", values(metrics, validation)}};
  return result;
}

/// From blue at the input to red at the output, so that depth can be read from the colour.
std::string color_of_layer(std::size_t index, std::size_t count) {
  const double depth = count > 1 ? static_cast<double>(index) / static_cast<double>(count - 1) : 0.0;
  return fmt::format("hsl({:.0f} 62% 52%)", 220.0 - 215.0 * depth);
}

Chart zeros_chart(const Metrics& metrics) {
  Chart result = chart(metrics, "Zero weights per ternary layer");
  result.percent = true;
  for (std::size_t layer = 0; layer < metrics.layers.size(); ++layer) {
    ChartSeries series{metrics.layers[layer], color_of_layer(layer, metrics.layers.size()), {}};
    for (const EpochMetrics& epoch : metrics.epochs) series.y.push_back(epoch.zeros[layer]);
    result.series.push_back(std::move(series));
  }
  return result;
}

std::string charts(const Metrics& metrics) {
  Chart loss =
      train_and_validation(metrics, "Loss", &EpochMetrics::train_loss, &EpochMetrics::validation_loss);
  Chart accuracy = train_and_validation(metrics, "Accuracy", &EpochMetrics::train_accuracy,
                                        &EpochMetrics::validation_accuracy);
  accuracy.percent = true;
  Chart lr = chart(metrics, "Learning rate");
  lr.series = {{"learning rate", "var(--single)", values(metrics, &EpochMetrics::lr)}};
  lr.from_zero = true;
  std::string html = svg_chart(loss) + svg_chart(accuracy) + svg_chart(lr);
  if (!metrics.layers.empty()) html += svg_chart(zeros_chart(metrics));
  return "<div class=\"charts\">\n" + html + "</div>\n";
}

/// The epoch of the highest validation accuracy, the first of several; the last one if none was validated.
const EpochMetrics& best_epoch(const Metrics& metrics) {
  const auto score = [](const EpochMetrics& epoch) {
    return std::isnan(epoch.validation_accuracy) ? -1.0 : epoch.validation_accuracy;
  };
  const auto best =
      std::max_element(metrics.epochs.begin(), metrics.epochs.end(),
                       [&](const EpochMetrics& a, const EpochMetrics& b) { return score(a) < score(b); });
  return score(*best) < 0.0 ? metrics.epochs.back() : *best;
}

std::string number(double value, int decimals) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "–";
}

std::string percentage(double value) {
  return std::isfinite(value) ? fmt::format("{:.2f}%", 100.0 * value) : "–";
}

std::string table_row(const char* name, const EpochMetrics& epoch) {
  return fmt::format(
      "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.3g}</td>"
      "<td>{}</td></tr>\n",
      name, epoch.epoch, number(epoch.train_loss, 4), percentage(epoch.train_accuracy),
      number(epoch.validation_loss, 4), percentage(epoch.validation_accuracy), percentage(epoch.mean_zeros()),
      epoch.lr, format_rate(epoch.images_per_second));
}

std::string table(const Metrics& metrics) {
  double seconds = 0.0;
  for (const EpochMetrics& epoch : metrics.epochs)
    seconds += std::isfinite(epoch.seconds) ? epoch.seconds : 0.0;
  return fmt::format(
      "<div class=\"card\"><table>\n<tr><th>{} epochs in {}</th><th>epoch</th><th>training loss</th>"
      "<th>accuracy</th><th>validation loss</th><th>accuracy</th><th>zeros</th><th>learning rate</th>"
      "<th>speed</th></tr>\n{}{}</table></div>\n",
      metrics.epochs.size(), format_duration(seconds), table_row("best", best_epoch(metrics)),
      table_row("last", metrics.epochs.back()));
}

}  // namespace

std::string render_report(const ReportContent& content) {
  const Metrics& metrics = content.metrics;
  const std::string note =
      content.note.empty() ? "" : fmt::format("<p class=\"card\">{}</p>\n", escape_html(content.note));
  const std::string results = metrics.epochs.empty() ? "<p class=\"card\">No epoch is complete yet.</p>\n"
                                                     : table(metrics) + charts(metrics);
  const std::string confusion =
      content.confusion == nullptr || metrics.epochs.empty()
          ? ""
          : confusion_html(*content.confusion,
                           fmt::format("validation after epoch {}", best_epoch(metrics).epoch));
  const std::string title = escape_html(content.title);
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>{1}</style></head>\n<body><h1>{0}</h1>\n{2}{3}{4}"
      "<details class=\"card\"><summary>Configuration</summary><pre>{5}</pre></details>\n</body></html>\n",
      title, kStyle, note, results, confusion, escape_html(content.config_json));
}

void write_report(const std::string& path, const ReportContent& content) {
  write_file_atomically(path, render_report(content));
}

}  // namespace tern
