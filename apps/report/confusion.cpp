#include "tern/apps/report/confusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "tern/apps/report/svg_chart.h"
#include "tern/core/error.h"
#include "tern/core/utf8.h"
#include "tern/data/csv.h"

namespace tern {
namespace {

constexpr std::size_t kLargestPicture = 100;  // classes
constexpr std::size_t kLongestTable = 100;

std::int64_t parse_count(const std::string& field, const std::string& where) {
  std::int64_t count = -1;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), count);
  require<DataError>(error == std::errc{} && end == field.data() + field.size() && count >= 0,
                     "{}: expected a count, got \"{}\"", where, field);
  return count;
}

/// The first `longest` characters of UTF-8 text.
std::string shortened(const std::string& text, std::size_t longest) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (begins_character(text[i]) && characters++ == longest) return text.substr(0, i) + "…";
  }
  return text;
}

std::int64_t total(const std::vector<std::int64_t>& row) {
  return std::accumulate(row.begin(), row.end(), std::int64_t{0});
}

std::string cell(const ConfusionMatrix& confusion, std::size_t row, std::size_t column, double left,
                 double side) {
  const std::int64_t count = confusion.counts[row][column], images = total(confusion.counts[row]);
  if (count == 0) return "";
  const double x = left + side * static_cast<double>(column), y = left + side * static_cast<double>(row);
  const double share = static_cast<double>(count) / static_cast<double>(images);
  std::string svg = fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"var(--{})\" "
      "fill-opacity=\"{:.3f}\"><title>{}, taken for {}: {} of {}</title></rect>",
      x, y, side, side, row == column ? "train" : "validation", 0.15 + 0.85 * share,
      escape_html(confusion.classes[row]), escape_html(confusion.classes[column]), count, images);
  constexpr double kSmallestWithText = 22;
  if (side >= kSmallestWithText) {
    svg += fmt::format("<text class=\"tick mid\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", x + side / 2,
                       y + side / 2 + 4, count);
  }
  return svg;
}

std::string names(const ConfusionMatrix& confusion, double left, double side) {
  constexpr double kSmallestWithNames = 9;
  if (side < kSmallestWithNames) return "";
  std::string svg;
  for (std::size_t i = 0; i < confusion.classes.size(); ++i) {
    const std::string name = escape_html(shortened(confusion.classes[i], 14));
    const double middle = left + side * (static_cast<double>(i) + 0.5);
    svg += fmt::format("<text class=\"tick end\" x=\"{0:.1f}\" y=\"{1:.1f}\">{2}</text>", left - 6,
                       middle + 4, name);
    svg += fmt::format("<text class=\"tick\" transform=\"translate({0:.1f} {1:.1f}) rotate(-90)\">{2}</text>",
                       middle + 4, left - 6, name);
  }
  return svg;
}

std::string picture(const ConfusionMatrix& confusion) {
  const auto classes = static_cast<double>(confusion.classes.size());
  constexpr double kMatrix = 480, kLeft = 120;
  const double side = std::min(40.0, kMatrix / classes), width = kLeft + side * classes + 2;
  std::string cells;
  for (std::size_t row = 0; row < confusion.classes.size(); ++row) {
    for (std::size_t column = 0; column < confusion.classes.size(); ++column) {
      cells += cell(confusion, row, column, kLeft, side);
    }
  }
  return fmt::format(
      "<svg style=\"max-width:{0:.0f}px\" viewBox=\"0 0 {0:.0f} {0:.0f}\" role=\"img\" "
      "aria-label=\"confusion matrix\">"
      "<rect class=\"grid\" x=\"{1}\" y=\"{1}\" width=\"{2:.1f}\" height=\"{2:.1f}\"/>{3}{4}</svg>",
      width, kLeft, side * classes, cells, names(confusion, kLeft, side));
}

/// The class that images of class `row` are most often mistaken for: "dog (3)".
std::string most_frequent_mistake(const ConfusionMatrix& confusion, std::size_t row) {
  std::vector<std::int64_t> mistakes = confusion.counts[row];
  mistakes[row] = 0;
  const auto most = std::max_element(mistakes.begin(), mistakes.end());
  if (*most == 0) return "–";
  return fmt::format(
      "{} ({})", escape_html(confusion.classes[static_cast<std::size_t>(most - mistakes.begin())]), *most);
}

std::string accuracy_table(const ConfusionMatrix& confusion) {
  const auto accuracy = [&](std::size_t row) {
    return static_cast<double>(confusion.counts[row][row]) /
           static_cast<double>(total(confusion.counts[row]));
  };
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < confusion.classes.size(); ++row) {
    if (total(confusion.counts[row]) > 0) rows.push_back(row);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::size_t a, std::size_t b) { return accuracy(a) < accuracy(b); });
  std::string html =
      "<table>\n<tr><th>class</th><th>images</th><th>accuracy</th><th>most often taken for</th></tr>\n";
  for (std::size_t i = 0; i < std::min(rows.size(), kLongestTable); ++i) {
    const std::size_t row = rows[i];
    html += fmt::format("<tr><td>{}</td><td>{}</td><td>{:.2f}%</td><td>{}</td></tr>\n",
                        escape_html(confusion.classes[row]), total(confusion.counts[row]),
                        100 * accuracy(row), most_frequent_mistake(confusion, row));
  }
  return html + "</table>";
}

}  // namespace

std::string confusion_csv(const ConfusionMatrix& confusion) {
  std::string text = "true class";
  for (const std::string& name : confusion.classes) text += fmt::format(",{}", csv_field(name));
  text += "\n";
  for (std::size_t row = 0; row < confusion.classes.size(); ++row) {
    text += csv_field(confusion.classes[row]);
    for (const std::int64_t count : confusion.counts[row]) text += fmt::format(",{}", count);
    text += "\n";
  }
  return text;
}

ConfusionMatrix parse_confusion_csv(std::string_view text, const std::string& name) {
  const std::vector<CsvRow> rows = parse_csv(text, name);
  require<DataError>(!rows.empty(), "{}: is empty, expected a confusion matrix", name);
  ConfusionMatrix confusion;
  confusion.classes.assign(rows[0].fields.begin() + 1, rows[0].fields.end());
  const std::size_t classes = confusion.classes.size();
  require<DataError>(rows.size() == classes + 1, "{}: {} rows, expected one for each of {} classes", name,
                     rows.size() - 1, classes);
  for (std::size_t i = 0; i < classes; ++i) {
    const CsvRow& row = rows[i + 1];
    const std::string where = fmt::format("{}:{}", name, row.line);
    require<DataError>(row.fields.size() == classes + 1 && row.fields[0] == confusion.classes[i],
                       "{}: expected the row of class \"{}\" with {} counts", where, confusion.classes[i],
                       classes);
    std::vector<std::int64_t>& counts = confusion.counts.emplace_back();
    for (std::size_t k = 0; k < classes; ++k) counts.push_back(parse_count(row.fields[k + 1], where));
  }
  return confusion;
}

std::string confusion_html(const ConfusionMatrix& confusion, const std::string& title) {
  const std::string matrix =
      confusion.classes.size() <= kLargestPicture
          ? picture(confusion) +
                "<p>Rows: true classes; columns: what they were taken for. Strong colours: a large "
                "share of the row.</p>"
          : fmt::format("<p>confusion.csv has the matrix of {} classes.</p>", confusion.classes.size());
  return fmt::format(
      "<figure><figcaption>Confusion matrix, {0}</figcaption>{1}</figure>\n"
      "<details class=\"card\" open><summary>Accuracy per class, {0}</summary>{2}</details>\n",
      escape_html(title), matrix, accuracy_table(confusion));
}

}  // namespace tern
