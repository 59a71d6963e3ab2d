#include "tern/data/csv_images.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "tern/core/error.h"
#include "tern/core/quote.h"
#include "tern/data/csv.h"
#include "tern/data/read_file.h"

namespace tern {
namespace {

std::vector<CsvRow> read_csv(const std::filesystem::path& file) {
  constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30;
  const std::vector<std::uint8_t> bytes = read_file(file, kMaxBytes);
  return parse_csv({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file.string());
}

std::size_t find_column(const CsvRow& header, const std::string& column, const std::string& name) {
  const auto found = std::find(header.fields.begin(), header.fields.end(), column);
  require<DataError>(found != header.fields.end(),
                     "{}:{}: the first line should name the columns, but there is no {} among {}", name,
                     header.line, quote(column), quote(fmt::format("{}", fmt::join(header.fields, ", "))));
  return static_cast<std::size_t>(found - header.fields.begin());
}

}  // namespace

CsvImages::CsvImages(const std::filesystem::path& file, const CsvColumns& columns,
                     const ImageOptions& options)
    : ImageFiles(file.parent_path(), options) {
  const std::string name = file.string();
  const std::vector<CsvRow> rows = read_csv(file);
  require<DataError>(rows.size() >= 2, "{}: expected a line that names the columns and a line for each image",
                     name);
  const std::size_t columns_given = rows[0].fields.size();
  const std::size_t path = find_column(rows[0], columns.path, name);
  const std::size_t label = find_column(rows[0], columns.label, name);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& [line, fields] = rows[i];
    require<DataError>(fields.size() == columns_given, "{}:{}: {} fields, but there are {} columns", name,
                       line, fields.size(), columns_given);
    require<DataError>(!fields[path].empty() && !fields[label].empty(), "{}:{}: the {} is empty", name, line,
                       fields[path].empty() ? "path" : "label");
    require<DataError>(is_utf8(fields[label]), "{}:{}: the label {} is not UTF-8", name, line,
                       quote(fields[label]));
    class_names_.push_back(fields[label]);
  }
  std::sort(class_names_.begin(), class_names_.end());
  class_names_.erase(std::unique(class_names_.begin(), class_names_.end()), class_names_.end());
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto place = std::lower_bound(class_names_.begin(), class_names_.end(), rows[i].fields[label]);
    files_.push_back({rows[i].fields[path], place - class_names_.begin()});
  }
}

}  // namespace tern
