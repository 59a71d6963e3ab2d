#include "tern/data/csv.h"

#include "tests/data/data_error.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

using Catch::Contains;
using test::data_error_of;
using Fields = std::vector<std::string>;

std::vector<Fields> fields_of(const std::string& text) {
  std::vector<Fields> rows;
  for (const CsvRow& row : parse_csv(text, "t.csv")) rows.push_back(row.fields);
  return rows;
}

TEST_CASE("csv: fields, quotes, line ends and empty lines") {
  CHECK(fields_of("a,b\n1,2\n") == std::vector<Fields>{{"a", "b"}, {"1", "2"}});
  CHECK(fields_of("a,b\r\n\r\n1,2") == std::vector<Fields>{{"a", "b"}, {"1", "2"}});
  CHECK(fields_of("\xef\xbb\xbf"
                  "a,,\n,\n") == std::vector<Fields>{{"a", "", ""}, {"", ""}});
  CHECK(fields_of("\"a,\"\"b\"\"\",\"c\nd\"\n\"\",e") == std::vector<Fields>{{"a,\"b\"", "c\nd"}, {"", "e"}});
  CHECK(fields_of("").empty());
  CHECK(fields_of("\n\n").empty());
}

TEST_CASE("csv: rows know their lines") {
  const std::vector<CsvRow> rows = parse_csv("a\n\n\"b\nc\"\r\nd\n", "t.csv");
  REQUIRE(rows.size() == 3);
  CHECK(rows[1].line == 3);
  CHECK(rows[2].line == 5);
}

TEST_CASE("csv: quotes that make no sense are named by line") {
  CHECK_THAT(data_error_of([] { parse_csv("a\nb,\"c", "t.csv"); }), Contains("t.csv:2: a quote that is not"));
  CHECK_THAT(data_error_of([] { parse_csv("a\nb\"c\"", "t.csv"); }), Contains("t.csv:2: a quote inside"));
  CHECK_THAT(data_error_of([] { parse_csv("\"a\"b\n", "t.csv"); }), Contains("t.csv:1: text behind a quote"));
}

TEST_CASE("csv: what is written as a field is read again") {
  for (const std::string text : {"a", "", "a,b", "\"", "a\nb", "a\r\nb", " a "}) {
    CHECK(fields_of(csv_field(text) + ",x") == std::vector<Fields>{{text, "x"}});
  }
  CHECK(csv_field("plain") == "plain");
}

}  // namespace
}  // namespace tern
