#include "tern/benchmarks/support/roofline_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tern/apps/report/svg_chart.h"

namespace tern::bench {
namespace {

constexpr double kWidth = 860, kHeight = 480, kLeft = 60, kRight = 660, kTop = 16, kBottom = 436;
constexpr std::array kColours{"#1a5fb4", "#26a269", "#c64600", "#a51d2d",
                              "#613583", "#8b6508", "#2a7f7f", "#777777"};

/// A logarithmic axis over whole decades.
struct Axis {
  double low = 0, high = 1;  // powers of ten
  double from, to;           // where they lie in the drawing

  void include(double value) {
    low = std::min(low, std::floor(std::log10(value)));
    high = std::max(high, std::ceil(std::log10(value)));
  }
  double at(double value) const { return from + (std::log10(value) - low) / (high - low) * (to - from); }
};

struct Plot {
  Axis x{0, 1, kLeft, kRight}, y{0, 1, kBottom, kTop};

  std::string line(double x1, double y1, double x2, double y2, const char* style) const {
    return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x.at(x1),
                       y.at(y1), x.at(x2), y.at(y2), style);
  }
};

std::string text(double x, double y, const char* anchor, const std::string& content) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
                     escape_html(content));
}

double intensity(const Row& row) {
  return row.macs / row.bytes;
}

bool is_drawn(const Row& row) {
  return row.verified && row.macs > 0 && row.bytes > 0;
}

Plot frame(const std::vector<Row>& rows, const Peaks& peaks) {
  Plot plot;
  for (const Row& row : rows) {
    if (!is_drawn(row)) continue;
    plot.x.include(intensity(row));
    plot.y.include(row.gmac_per_second());
  }
  for (const auto& [peak, value] : peaks) {
    if (peak != Peak::copy) plot.y.include(value);
  }
  return plot;
}

std::string grid(const Plot& plot) {
  constexpr auto kStyle = "stroke=\"#ddd\"";
  const double left = std::pow(10, plot.x.low), right = std::pow(10, plot.x.high);
  const double bottom = std::pow(10, plot.y.low), top = std::pow(10, plot.y.high);
  std::string svg;
  for (double power = plot.x.low; power <= plot.x.high; ++power) {
    const double value = std::pow(10, power);
    svg += plot.line(value, bottom, value, top, kStyle);
    svg += text(plot.x.at(value), kBottom + 18, "middle", fmt::format("{:g}", value));
  }
  for (double power = plot.y.low; power <= plot.y.high; ++power) {
    const double value = std::pow(10, power);
    svg += plot.line(left, value, right, value, kStyle);
    svg += text(kLeft - 8, plot.y.at(value) + 4, "end", fmt::format("{:g}", value));
  }
  return svg + text(kRight, kHeight - 8, "end", "multiply-accumulates per byte") +
         text(kLeft + 4, kTop + 12, "start", "GMAC/s");
}

/// The levels of the arithmetic peaks, each from where the bandwidth reaches it.
std::string roofs(const Plot& plot, const Peaks& peaks) {
  constexpr auto kStyle = "stroke=\"#555\" stroke-dasharray=\"5 3\"";
  const double left = std::pow(10, plot.x.low), right = std::pow(10, plot.x.high);
  const auto copy = peaks.find(Peak::copy);
  double highest = 0;
  std::string svg;
  for (const auto& [peak, value] : peaks) {
    if (peak == Peak::copy) continue;
    const double ridge = copy == peaks.end() ? left : std::clamp(value / copy->second, left, right);
    svg += plot.line(ridge, value, right, value, kStyle);
    svg += text(kRight + 6, plot.y.at(value) + 4, "start", fmt::format("{} {:.0f}", to_string(peak), value));
    highest = std::max(highest, value);
  }
  if (copy == peaks.end() || highest == 0) return svg;
  const double bottom = std::pow(10, plot.y.low);
  const double start = std::max(left, bottom / copy->second), end = std::min(right, highest / copy->second);
  return svg + plot.line(start, start * copy->second, end, end * copy->second, kStyle);
}

std::string dots(const Plot& plot, const std::vector<Row>& rows) {
  std::vector<std::string> names;
  std::string svg, legend;
  for (const Row& row : rows) {
    if (!is_drawn(row)) continue;
    const auto known = std::find(names.begin(), names.end(), row.implementation);
    const auto index = static_cast<std::size_t>(known - names.begin());
    const char* colour = kColours.at(index % kColours.size());
    if (known == names.end()) {
      names.push_back(row.implementation);
      const double y = kBottom - 18.0 * static_cast<double>(index + 1);
      legend +=
          fmt::format("<circle cx=\"{}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"/>\n", kRight + 14, y, colour) +
          text(kRight + 26, y + 4, "start", row.implementation);
    }
    svg += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"><title>{}: {:.1f} GMAC/s</title></circle>\n",
        plot.x.at(intensity(row)), plot.y.at(row.gmac_per_second()), colour,
        escape_html(row.case_name + ", " + row.implementation), row.gmac_per_second());
  }
  return svg + legend;
}

}  // namespace

std::string roofline_svg(const std::vector<Row>& rows, const Peaks& peaks) {
  const Plot plot = frame(rows, peaks);
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"sans-serif\" font-size=\"11\">\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n{2}{3}{4}</svg>\n",
      kWidth, kHeight, grid(plot), roofs(plot, peaks), dots(plot, rows));
}

}  // namespace tern::bench
