#include "tern/training/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

#include "tern/core/error.h"

namespace tern {
namespace {

struct Column {
  const char* name;
  double EpochMetrics::*member;
};

/// The columns between "epoch,step" and the zeros.
constexpr Column kColumns[] = {
    {"train_loss", &EpochMetrics::train_loss},
    {"train_accuracy", &EpochMetrics::train_accuracy},
    {"validation_loss", &EpochMetrics::validation_loss},
    {"validation_accuracy", &EpochMetrics::validation_accuracy},
    {"lr", &EpochMetrics::lr},
    {"images_per_second", &EpochMetrics::images_per_second},
    {"seconds", &EpochMetrics::seconds},
};

void append_cell(std::string& row, double value) {
  row += std::isnan(value) ? "," : fmt::format(",{}", value);
}

/// Takes the cells of a row from left to right.
class CellReader {
 public:
  CellReader(std::string_view row, const std::string& where) : rest_(row), where_(where) {}

  template <class Number>
  Number next() {
    const std::string_view text = next_text();
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    require<DataError>(error == std::errc{} && end == text.data() + text.size(),
                       "{}: column {}: expected a number, got \"{}\"", where_, column_, text);
    return value;
  }

  double next_or_nan() {
    const bool is_empty = rest_.empty() || rest_.front() == ',';
    if (!is_empty) return next<double>();
    next_text();
    return std::numeric_limits<double>::quiet_NaN();
  }

 private:
  std::string_view next_text() {
    ++column_;
    const auto comma = rest_.find(',');
    const std::string_view text = rest_.substr(0, comma);
    rest_ = comma == std::string_view::npos ? "" : rest_.substr(comma + 1);
    return text;
  }

  std::string_view rest_;
  const std::string& where_;
  int column_ = 0;
};

}  // namespace

double EpochMetrics::mean_zeros() const {
  return std::accumulate(zeros.begin(), zeros.end(), 0.0) / static_cast<double>(zeros.size());
}

std::string metrics_csv_header(const std::vector<std::string>& layers) {
  std::string header = "epoch,step";
  for (const Column& column : kColumns) header += fmt::format(",{}", column.name);
  header += ",zeros";
  for (const std::string& layer : layers) {
    require<ConfigError>(layer.find_first_of(",\"\r\n") == std::string::npos,
                         "metrics.csv: the layer name \"{}\" holds a comma, a quote or a line end", layer);
    header += ",zeros:" + layer;
  }
  return header;
}

std::string metrics_csv_row(const EpochMetrics& metrics) {
  std::string row = fmt::format("{},{}", metrics.epoch, metrics.step);
  for (const Column& column : kColumns) append_cell(row, metrics.*column.member);
  append_cell(row, metrics.mean_zeros());
  for (const double zeros : metrics.zeros) append_cell(row, zeros);
  return row;
}

EpochMetrics parse_metrics_csv_row(std::string_view row, std::size_t layer_count, const std::string& where) {
  const auto columns = static_cast<std::size_t>(std::count(row.begin(), row.end(), ',')) + 1;
  const std::size_t expected = 2 + std::size(kColumns) + 1 + layer_count;
  require<DataError>(columns == expected, "{}: {} columns, expected {}", where, columns, expected);
  CellReader cells(row, where);
  EpochMetrics metrics;
  metrics.epoch = cells.next<std::int64_t>();
  metrics.step = cells.next<std::int64_t>();
  for (const Column& column : kColumns) metrics.*column.member = cells.next_or_nan();
  cells.next_or_nan();  // the mean follows from the rest
  for (std::size_t i = 0; i < layer_count; ++i) metrics.zeros.push_back(cells.next_or_nan());
  return metrics;
}

}  // namespace tern
