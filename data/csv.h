// Tables as text: RFC 4180, in UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tern {

struct CsvRow {
  std::int64_t line = 0;  // of the text, from 1, where the row begins
  std::vector<std::string> fields;
};

/// Fields between commas; one in double quotes may hold commas, line breaks and, doubled, quotes. Rows end
/// with \n or \r\n; empty lines are left out, and so is a byte order mark. Throws DataError with `name` and
/// the line for a quote that is not closed or stands inside a field.
std::vector<CsvRow> parse_csv(std::string_view text, const std::string& name);

/// `text` as a field, in quotes where it needs them.
std::string csv_field(const std::string& text);

}  // namespace tern
