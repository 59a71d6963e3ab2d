// The numbers of a run, one row for each epoch, and their file metrics.csv.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tern {

/// A NaN is a number that was not measured: an empty cell of the file, a gap in a curve.
struct EpochMetrics {
  std::int64_t epoch = 0;  // counts from 1
  std::int64_t step = 0;   // optimiser steps since the beginning of the run
  double train_loss = 0.0;
  double train_accuracy = 0.0;  // accuracies are in [0, 1]
  double validation_loss = 0.0;
  double validation_accuracy = 0.0;
  double lr = 0.0;
  double images_per_second = 0.0;
  double seconds = 0.0;
  std::vector<double> zeros;  // fraction of zero weights of each ternary layer

  /// The mean over the layers, each counting the same; NaN without ternary layers.
  double mean_zeros() const;
};

struct Metrics {
  std::vector<std::string> layers;  // what `zeros` belong to
  std::vector<EpochMetrics> epochs;
};

/// The column names, without a line end: epoch,step,...,zeros,zeros:LAYER,... Throws ConfigError if the name
/// of a layer holds a comma, a quote or a line end.
std::string metrics_csv_header(const std::vector<std::string>& layers);

/// One row, without a line end. Numbers are written with as many digits as reading them back exactly takes.
std::string metrics_csv_row(const EpochMetrics& metrics);

/// The reverse of metrics_csv_row. `where` begins the DataError thrown for another number of columns than
/// that of `layer_count` layers, or for a cell that is not a number.
EpochMetrics parse_metrics_csv_row(std::string_view row, std::size_t layer_count, const std::string& where);

}  // namespace tern
