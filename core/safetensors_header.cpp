#include "tern/core/safetensors_header.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <set>

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/core/quote.h"
#include "tern/core/safetensors_format.h"

namespace tern::safetensors {
namespace {

using Json = nlohmann::json;

std::optional<ElementType> convertible_float(std::string_view name) {
  if (name == "F64") return ElementType::f64;
  if (name == "F16") return ElementType::f16;
  if (name == "BF16") return ElementType::bf16;
  return std::nullopt;
}

/// Walks over the header and notes how far the parser has come, so that what is wrong in meaning can be
/// reported with its byte just as what is wrong in syntax.
class TrackingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackingIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  TrackingIterator& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  bool operator==(const TrackingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const TrackingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

/// Builds the Header from the parser's events. Each scope takes the events that the format has there, all
/// others are refused on the spot; so nesting is limited and no document is ever built in memory.
class HeaderHandler final : public Json::json_sax_t {
 public:
  HeaderHandler(const std::string& path, std::string_view text, std::uint64_t data_bytes, StoredFloats floats)
      : path_(path), text_(text), data_bytes_(data_bytes), floats_(floats), reached_(text.data()) {}

  Header parse() {
    Json::sax_parse(TrackingIterator(text_.data(), &reached_),
                    TrackingIterator(text_.data() + text_.size(), &reached_), this);
    return std::move(header_);
  }

  bool null() override { refuse("null"); }
  bool boolean(bool) override { refuse("a boolean"); }
  bool number_integer(number_integer_t) override { refuse("a negative number"); }
  bool number_float(number_float_t, const string_t&) override {
    refuse("a number that is no 64-bit integer");
  }
  bool binary(binary_t&) override { refuse("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (scope_ == Scope::shape) {
      if (shape_->size() == kMaxRank)
        fail("shape has more than the {} dimensions that Tern supports", kMaxRank);
      shape_->push_back(value);
    } else if (scope_ == Scope::offsets) {
      if (offsets_->size() == 2) fail("data_offsets has more than two numbers");
      offsets_->push_back(value);
    } else {
      refuse("a number");
    }
    return true;
  }

  bool string(string_t& value) override {
    if (scope_ == Scope::metadata) {
      const bool added = header_.metadata.emplace(field_, std::move(value)).second;
      if (!added) fail("metadata key {} appears twice", quote(field_));
    } else if (scope_ == Scope::tensor && field_ == "dtype") {
      set_dtype(value);
    } else {
      refuse("a string");
    }
    return true;
  }

  bool start_object(std::size_t) override {
    if (scope_ == Scope::file) {
      scope_ = Scope::header;
    } else if (scope_ == Scope::header) {
      scope_ = name_ == kMetadataName ? Scope::metadata : Scope::tensor;
      dtype_.reset();
      shape_.reset();
      offsets_.reset();
    } else {
      refuse("an object");
    }
    return true;
  }

  bool key(string_t& key) override {
    if (scope_ == Scope::header) {
      name_ = std::move(key);
      if (!names_.insert(name_).second) fail("the name appears twice");
    } else {
      field_ = std::move(key);
    }
    return true;
  }

  bool end_object() override {
    if (scope_ == Scope::tensor) add_tensor();
    name_.clear();
    scope_ = scope_ == Scope::header ? Scope::file : Scope::header;
    return true;
  }

  bool start_array(std::size_t) override {
    if (scope_ == Scope::tensor && field_ == "shape") {
      if (shape_) fail("shape appears twice");
      shape_.emplace();
      scope_ = Scope::shape;
    } else if (scope_ == Scope::tensor && field_ == "data_offsets") {
      if (offsets_) fail("data_offsets appears twice");
      offsets_.emplace();
      scope_ = Scope::offsets;
    } else {
      refuse("an array");
    }
    return true;
  }

  bool end_array() override {
    scope_ = Scope::tensor;
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const Json::exception& exception) override {
    const std::string_view what = exception.what();
    const std::size_t start = what.find(" - ");
    const std::string_view reason = what.substr(start == std::string_view::npos ? 0 : start + 3);
    fail("the header is not valid JSON: {}", reason.substr(0, 200));
  }

 private:
  static constexpr std::size_t kMaxRank = Shape::kMaxRank;
  enum class Scope { file, header, metadata, tensor, shape, offsets };

  template <class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> problem, Args&&... args) const {
    const auto byte =
        kLengthBytes + static_cast<std::size_t>(reached_ - text_.data()) - 1;  // the last one read
    const bool in_tensor = !name_.empty() && name_ != kMetadataName;
    const std::string tensor = in_tensor ? fmt::format("tensor {}: ", quote(name_)) : "";
    throw DataError(fmt::format("{}: byte {}: {}{}", path_, byte, tensor,
                                fmt::format(problem, std::forward<Args>(args)...)));
  }

  [[noreturn]] void refuse(std::string_view found) const {
    if (scope_ == Scope::file || scope_ == Scope::header) {
      fail("the header has {}, expected an object", found);
    }
    if (scope_ == Scope::metadata) fail("metadata key {} has {}, expected a string", quote(field_), found);
    fail(
        "field {} has {}; a tensor has the fields dtype, a string, and shape and data_offsets, lists of "
        "integers >= 0",
        quote(field_), found);
  }

  void set_dtype(const std::string& name) {
    if (dtype_) fail("dtype appears twice");
    converted_from_ = floats_ == StoredFloats::as_f32 ? convertible_float(name) : std::nullopt;
    dtype_ = converted_from_ ? DType::f32 : dtype_named(name);
    if (!dtype_) {
      fail("unsupported dtype {}; Tern has {}F32, BF16, I8, U8, I16, I32 and I64", quote(name),
           floats_ == StoredFloats::as_f32 ? "F64, F16, " : "");
    }
  }

  /// Bytes of the elements that dtype and shape promise.
  std::uint64_t promised_bytes() const {
    std::uint64_t bytes = converted_from_ ? size_of(*converted_from_) : size_of(*dtype_);
    for (const std::uint64_t extent : *shape_) {
      const bool overflow = __builtin_mul_overflow(bytes, extent, &bytes) ||
                            bytes > std::numeric_limits<std::int64_t>::max() / 2 ||
                            extent > std::numeric_limits<std::int64_t>::max();
      if (overflow) fail("the number of bytes of the shape overflows");
    }
    return bytes;
  }

  void add_tensor() {
    if (!dtype_ || !shape_ || !offsets_ || offsets_->size() != 2) {
      fail("a tensor needs the fields dtype, shape and data_offsets, the last with two numbers");
    }
    const std::uint64_t begin = (*offsets_)[0], end = (*offsets_)[1], bytes = promised_bytes();
    if (begin > end) fail("data_offsets [{}, {}] end before they begin", begin, end);
    if (end > data_bytes_) {
      fail("data_offsets [{}, {}] go beyond the {} bytes of data; is the file cut off?", begin, end,
           data_bytes_);
    }
    const Shape shape(std::vector<std::int64_t>(shape_->begin(), shape_->end()));
    if (end - begin != bytes) {
      fail("data_offsets [{}, {}] hold {} bytes, {} {} needs {}", begin, end, end - begin, *dtype_, shape,
           bytes);
    }
    const std::uint64_t data_start = kLengthBytes + text_.size();
    header_.tensors.push_back({name_, *dtype_, shape, data_start + begin, data_start + end, converted_from_});
  }

  const std::string& path_;
  std::string_view text_;
  std::uint64_t data_bytes_;
  StoredFloats floats_;
  const char* reached_;
  Header header_;
  std::set<std::string> names_;
  Scope scope_ = Scope::file;
  std::string name_;   // of the tensor, or __metadata__
  std::string field_;  // within it
  std::optional<DType> dtype_;
  std::optional<ElementType> converted_from_;  // set with dtype_
  std::optional<std::vector<std::uint64_t>> shape_;
  std::optional<std::vector<std::uint64_t>> offsets_;
};

/// The tensors must cover the data exactly: a hole could hide bytes, an overlap could alias weights.
void check_coverage(const std::string& path, const std::vector<TensorInfo>& tensors, std::uint64_t data_start,
                    std::uint64_t file_bytes) {
  std::vector<std::size_t> order(tensors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::make_pair(tensors[a].begin, tensors[a].end) <
           std::make_pair(tensors[b].begin, tensors[b].end);
  });
  std::uint64_t covered = data_start;
  for (const std::size_t i : order) {
    const TensorInfo& tensor = tensors[i];
    require<DataError>(tensor.begin == covered,
                       "{}: byte {}: tensor {}: its data {} (the data before it ends at byte {})", path,
                       tensor.begin, quote(tensor.name),
                       tensor.begin < covered ? "overlaps that of another tensor" : "leaves a gap", covered);
    covered = tensor.end;
  }
  require<DataError>(covered == file_bytes, "{}: byte {}: {} bytes follow the data of the last tensor", path,
                     covered, file_bytes - covered);
}

}  // namespace

Header parse_header(const std::string& path, std::string_view text, std::uint64_t data_bytes,
                    StoredFloats floats) {
  require<DataError>(!text.empty() && text.front() == '{',
                     "{}: byte {}: the header does not start with '{{'; is this a safetensors file?", path,
                     kLengthBytes);
  // The JSON parser takes a zero byte for the end of its input and would ignore what follows.
  const std::size_t zero = text.find('\0');
  require<DataError>(zero == std::string_view::npos, "{}: byte {}: the header contains a zero byte", path,
                     kLengthBytes + zero);
  Header header = HeaderHandler(path, text, data_bytes, floats).parse();
  const std::uint64_t data_start = kLengthBytes + text.size();
  check_coverage(path, header.tensors, data_start, data_start + data_bytes);
  return header;
}

}  // namespace tern::safetensors
