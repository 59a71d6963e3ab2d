// Line charts as SVG text, styled by the classes and variables of the page they stand in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tern {

/// `text` with &, <, >, " and ' replaced, safe in HTML and SVG, also within attributes.
std::string escape_html(std::string_view text);

/// Multiples of 1, 2 or 5 times a power of ten that lie in [low, high], about `count` of them. Both ends must
/// be finite and low < high.
std::vector<double> round_ticks(double low, double high, int count);

struct ChartSeries {
  std::string name;
  std::string color;      // a CSS colour
  std::vector<double> y;  // one value for each x; where it is not finite, the curve has a gap
};

struct Chart {
  std::string title;
  std::string x_label;
  std::vector<double> x;  // ascending integers
  std::vector<ChartSeries> series;
  bool percent = false;    // y is a fraction, shown as a percentage
  bool from_zero = false;  // the y axis begins at 0
};

/// A <figure> with title, curves, axes and, for more than one series, a legend.
std::string svg_chart(const Chart& chart);

}  // namespace tern
