#include "tern/apps/report/svg_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tern {
namespace {

// The drawing in SVG units; the plot leaves room for the tick labels at its left and bottom.
constexpr double kWidth = 560;
constexpr double kHeight = 260;
constexpr double kLeft = 56;
constexpr double kRight = kWidth - 14;
constexpr double kTop = 10;
constexpr double kBottom = kHeight - 38;

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void include(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }

  /// Makes a range of positive length out of nothing or a single value.
  void widen_if_empty() {
    if (low > high) low = high = 0.0;
    if (low == high) {
      const double margin = low == 0.0 ? 0.5 : 0.05 * std::abs(low);
      low -= margin;
      high += margin;
    }
  }
};

/// Maps data to the plot's rectangle.
struct Frame {
  Range x;
  Range y;

  double px(double value) const { return kLeft + (value - x.low) / (x.high - x.low) * (kRight - kLeft); }
  double py(double value) const { return kBottom - (value - y.low) / (y.high - y.low) * (kBottom - kTop); }
};

Frame frame_of(const Chart& chart) {
  Frame frame;
  for (const double x : chart.x) frame.x.include(x);
  for (const ChartSeries& series : chart.series) {
    for (const double y : series.y) frame.y.include(y);
  }
  if (chart.from_zero) frame.y.include(0.0);
  frame.x.widen_if_empty();
  const bool touches_zero = frame.y.low == 0.0;
  frame.y.widen_if_empty();
  const double margin = 0.04 * (frame.y.high - frame.y.low);
  frame.y.high += margin;
  if (!touches_zero) frame.y.low -= margin;
  return frame;
}

std::string y_axis(const Chart& chart, const Frame& frame) {
  std::string svg;
  for (const double tick : round_ticks(frame.y.low, frame.y.high, 5)) {
    const double y = frame.py(tick);
    const std::string label =
        chart.percent ? fmt::format("{:.6g}%", 100.0 * tick) : fmt::format("{:.6g}", tick);
    svg += fmt::format("<path class=\"grid\" d=\"M{} {:.1f}H{}\"/>", kLeft, y, kRight);
    svg += fmt::format("<text class=\"tick end\" x=\"{}\" y=\"{:.1f}\">{}</text>", kLeft - 7, y + 4, label);
  }
  return svg;
}

std::string x_axis(const Chart& chart, const Frame& frame) {
  std::string svg = fmt::format("<path class=\"axis\" d=\"M{} {}H{}\"/>", kLeft, kBottom, kRight);
  for (const double tick : round_ticks(frame.x.low, frame.x.high, 8)) {
    if (tick != std::round(tick)) continue;
    const double x = frame.px(tick);
    svg += fmt::format("<path class=\"axis\" d=\"M{:.1f} {}v4\"/>", x, kBottom);
    svg += fmt::format("<text class=\"tick mid\" x=\"{:.1f}\" y=\"{}\">{:g}</text>", x, kBottom + 17, tick);
  }
  svg += fmt::format("<text class=\"tick end\" x=\"{}\" y=\"{}\">{}</text>", kRight, kHeight - 5,
                     escape_html(chart.x_label));
  return svg;
}

/// The points between two gaps are one stroke; a dot marks the last point.
std::string curve(const ChartSeries& series, const std::vector<double>& x, const Frame& frame) {
  std::string path;
  std::string dot;
  bool pen_down = false;
  for (std::size_t i = 0; i < x.size() && i < series.y.size(); ++i) {
    const bool drawn = std::isfinite(series.y[i]);
    if (drawn) {
      const double px = frame.px(x[i]);
      const double py = frame.py(series.y[i]);
      // A stroke of no length, "h0", shows a point that has no neighbour.
      path += fmt::format("{}{:.1f} {:.1f}{}", pen_down ? 'L' : 'M', px, py, pen_down ? "" : "h0");
      dot = fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"/>", px, py);
    }
    pen_down = drawn;
  }
  return fmt::format("<g style=\"--c:{}\"><title>{}</title><path class=\"curve\" d=\"{}\"/>{}</g>",
                     escape_html(series.color), escape_html(series.name), path, dot);
}

std::string legend(const Chart& chart) {
  if (chart.series.size() < 2) return "";
  std::string html = "<ul class=\"legend\">";
  for (const ChartSeries& series : chart.series) {
    html += fmt::format("<li style=\"--c:{}\">{}</li>", escape_html(series.color), escape_html(series.name));
  }
  return html + "</ul>";
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::vector<double> round_ticks(double low, double high, int count) {
  const double wanted = (high - low) / count;
  const double power = std::pow(10.0, std::floor(std::log10(wanted)));
  const double factor = wanted / power;
  // The nearest of 1, 2, 5 and 10 by ratio: the bounds are sqrt(1*2), sqrt(2*5), sqrt(5*10).
  const double step = power * (factor < 1.41 ? 1 : factor < 3.16 ? 2 : factor < 7.07 ? 5 : 10);
  // Multiples are counted as integers, so that no rounding error adds up; the slack keeps ticks at the ends.
  const double slack = 1e-9;
  std::vector<double> ticks;
  for (double n = std::ceil(low / step - slack); n <= high / step + slack; ++n) {
    ticks.push_back(n * step + 0.0);  // adding zero turns -0, which would be labelled so, into 0
  }
  return ticks;
}

std::string svg_chart(const Chart& chart) {
  const Frame frame = frame_of(chart);
  std::string curves;
  for (const ChartSeries& series : chart.series) curves += curve(series, chart.x, frame);
  return fmt::format(
      "<figure><figcaption>{0}</figcaption>"
      "<svg viewBox=\"0 0 {1} {2}\" role=\"img\" aria-label=\"{0}\">{3}{4}{5}</svg>{6}</figure>\n",
      escape_html(chart.title), kWidth, kHeight, y_axis(chart, frame), x_axis(chart, frame), curves,
      legend(chart));
}

}  // namespace tern
