#include "tern/data/csv.h"

#include "tern/core/error.h"

namespace tern {
namespace {

class Parser {
 public:
  Parser(std::string_view text, const std::string& name) : text_(text), name_(name) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
  }

  std::vector<CsvRow> rows() {
    std::vector<CsvRow> rows;
    while (at_ < text_.size()) {
      CsvRow row = read_row();
      const bool is_empty_line = row.fields.size() == 1 && row.fields[0].empty();
      if (!is_empty_line) rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  CsvRow read_row() {
    CsvRow row{line_, {}};
    do {
      row.fields.push_back(peek() == '"' ? quoted_field() : plain_field());
    } while (take(','));
    take('\r');
    if (take('\n')) ++line_;
    return row;
  }

  std::string plain_field() {
    std::string field;
    for (; at_ < text_.size() && peek() != ',' && peek() != '\n'; ++at_) {
      require<DataError>(peek() != '"',
                         "{}:{}: a quote inside a field; put the field in quotes and double it", name_,
                         line_);
      field += peek();
    }
    if (field.ends_with('\r')) field.pop_back();
    return field;
  }

  std::string quoted_field() {
    const std::int64_t first_line = line_;
    std::string field;
    for (++at_; at_ < text_.size(); ++at_) {
      if (peek() == '"') {
        ++at_;
        if (peek() != '"') {
          require<DataError>(at_ == text_.size() || peek() == ',' || peek() == '\r' || peek() == '\n',
                             "{}:{}: text behind a quote; a quote within quotes is doubled", name_, line_);
          return field;
        }
      }
      if (peek() == '\n') ++line_;
      field += peek();
    }
    throw DataError(fmt::format("{}:{}: a quote that is not closed", name_, first_line));
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
};

}  // namespace

std::vector<CsvRow> parse_csv(std::string_view text, const std::string& name) {
  return Parser(text, name).rows();
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string field = "\"";
  for (const char c : text) {
    if (c == '"') field += '"';
    field += c;
  }
  return field + '"';
}

}  // namespace tern
