// The confusion matrix of a validation: confusion.csv of a run's folder, and its part of the report.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tern {

struct ConfusionMatrix {
  std::vector<std::string> classes;
  std::vector<std::vector<std::int64_t>> counts;  ///< [true class][predicted class]
};

/// A row for each true class, a column for each predicted one; the first row and column name them (RFC 4180).
std::string confusion_csv(const ConfusionMatrix& confusion);

/// The reverse. Throws DataError with `name` for what is no such table.
ConfusionMatrix parse_confusion_csv(std::string_view text, const std::string& name);

/// A picture of the matrix, of up to 100 classes, and a table of the accuracy per class, the 100 worst ones;
/// HTML. `title` stands above them. Classes without images are left out of the table.
std::string confusion_html(const ConfusionMatrix& confusion, const std::string& title);

}  // namespace tern
