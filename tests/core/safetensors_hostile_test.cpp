// Files made by hand, each wrong in one way: all must be refused with file, tensor and byte.
#include <cstring>
#include <string>
#include <vector>

#include "tern/core/device.h"
#include "tern/core/error.h"
#include "tern/core/safetensors.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using tern::DataError;
using tern::SafetensorsFile;
using tern::test::TemporaryDirectory;
using tern::test::write_bytes;

namespace {

std::string file_bytes(std::uint64_t header_length, const std::string& rest) {
  std::string length(8, '\0');
  std::memcpy(length.data(), &header_length, 8);
  return length + rest;
}

/// What the error of `open` says, less the name of the file that it must start with.
template <class Open>
std::string error_from(const std::string& name, const Open& open) {
  try {
    open();
  } catch (const DataError& error) {
    const std::string prefix = name + ": ";
    const std::string what = error.what();
    return what.starts_with(prefix) ? what.substr(prefix.size()) : "the path is missing: " + what;
  }
  return "no error";
}

/// What opening a file of these bytes says, on disk and in memory alike.
std::string error_of_bytes(const std::string& bytes) {
  const TemporaryDirectory directory;
  const auto path = directory / "file";
  write_bytes(path, bytes);
  const std::string on_disk = error_from(path.string(), [&] { SafetensorsFile::open(path); });
  CHECK(error_from("memory", [&] { SafetensorsFile::from_memory(bytes.data(), bytes.size(), "memory"); }) ==
        on_disk);
  return on_disk;
}

/// The same for a header and `data_bytes` bytes of data.
std::string error_of(const std::string& header, std::size_t data_bytes = 8) {
  return error_of_bytes(file_bytes(header.size(), header + std::string(data_bytes, 'd')));
}

std::string object(const std::string& fields) {
  return fmt::format("{{{}}}", fields);
}

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return fmt::format(R"("{}":{{"dtype":"{}","shape":{},"data_offsets":{}}})", name, dtype, shape, offsets);
}

/// A header of one tensor "x" of two floats, one field replaced.
std::string with_dtype(const std::string& dtype) {
  return object(tensor("x", dtype, "[2]", "[0,8]"));
}
std::string with_shape(const std::string& shape) {
  return object(tensor("x", "F32", shape, "[0,8]"));
}
std::string with_offsets(const std::string& offsets) {
  return object(tensor("x", "F32", "[2]", offsets));
}

auto says(const std::string& text) {
  return Catch::Contains(text);
}

}  // namespace

TEST_CASE("safetensors: the hand-made file that the wrong ones derive from is accepted") {
  CHECK(error_of(with_shape("[2]")) == "no error");
  CHECK(error_of("{}", 0) == "no error");
  CHECK(error_of("{\"__metadata__\":{}, " + tensor("x", "F32", "[2]", "[0,8]") + "}  \n") == "no error");
  // The header may list tensors in another order than the data has them.
  CHECK(error_of(object(tensor("b", "F32", "[1]", "[4,8]") + "," + tensor("a", "F32", "[1]", "[0,4]"))) ==
        "no error");
}

TEST_CASE("safetensors: a length of the header that cannot be is refused") {
  CHECK_THAT(error_of_bytes(""), says("byte 0: the file ends within the length"));
  CHECK_THAT(error_of_bytes("1234567"), says("byte 7: the file ends within the length"));
  CHECK_THAT(error_of_bytes(file_bytes(3, "{}")), says("byte 0: the header has 3 bytes, 2 are left"));
  CHECK_THAT(error_of_bytes(file_bytes(~std::uint64_t{0}, "{}")), says("byte 0: the header has"));
  CHECK_THAT(error_of_bytes(file_bytes(~std::uint64_t{0} - 7, "{}")), says("byte 0: the header has"));
  CHECK_THAT(error_of_bytes(file_bytes(0, "{}")), says("byte 8: the header does not start with '{'"));
}

TEST_CASE("safetensors: a header beyond 100 MB is refused even if the file is that long") {
  const TemporaryDirectory directory;
  write_bytes(directory / "file", file_bytes(100'000'001, "{}"));
  std::filesystem::resize_file(directory / "file", 200'000'000);  // a hole: takes no space
  CHECK_THROWS_WITH(SafetensorsFile::open(directory / "file"), says("100000000 are allowed"));
}

TEST_CASE("safetensors: a header that is not one JSON object is refused") {
  for (const char* header : {"[]", "null", "1", "\"x\"", " {}", "\xEF\xBB\xBF{}"}) {
    INFO(header);
    CHECK_THAT(error_of(header, 0), says("byte 8: the header does not start with"));
  }
  for (const char* header : {"{", "{}{}", "{} x", "{\"a\"}", "{,}", "{} // comment"}) {
    INFO(header);
    CHECK_THAT(error_of(header, 0), says("the header is not valid JSON"));
  }
  CHECK_THAT(error_of(std::string("{}\0{\"x\"", 7), 0), says("byte 10: the header contains a zero byte"));
}

TEST_CASE("safetensors: text that is not UTF-8 is refused") {
  CHECK_THAT(error_of("{\"__metadata__\":{\"k\":\"\xFF\"}}", 0), says("ill-formed UTF-8"));
  CHECK_THAT(error_of("{\"\xC3\":{}}", 0), says("ill-formed UTF-8"));
  CHECK_THAT(error_of("{\"\\ud800\":{}}", 0), says("not valid JSON"));
}

TEST_CASE("safetensors: deep nesting is refused at its first level") {
  const std::size_t depth = 1'000'000;
  CHECK_THAT(error_of("{\"x\":" + std::string(depth, '[')),
             says("byte 13: tensor \"x\": the header has an array"));
  std::string objects = "{\"x\":";
  for (std::size_t i = 0; i < depth; ++i) objects += "{\"a\":";
  CHECK_THAT(error_of(objects), says("tensor \"x\": field \"a\" has an object"));
  CHECK_THAT(error_of(with_shape(std::string(depth, '['))), says("\"shape\" has an array"));
  CHECK_THAT(error_of("{\"__metadata__\":{\"k\":{\"k\":" + std::string(depth, '[')), says("has an object"));
}

TEST_CASE("safetensors: duplicate keys are refused") {
  const std::string x = tensor("x", "F32", "[2]", "[0,8]");
  CHECK_THAT(error_of(object(x + "," + x)), says("tensor \"x\": the name appears twice"));
  CHECK_THAT(error_of("{" + x + ",\"\\u0078\":{}}"), says("tensor \"x\": the name appears twice"));
  CHECK_THAT(error_of("{\"__metadata__\":{},\"__metadata__\":{}}"), says("the name appears twice"));
  CHECK_THAT(error_of(R"({"__metadata__":{"k":"1","k":"1"}})"), says("metadata key \"k\" appears twice"));
  CHECK_THAT(error_of(R"({"x":{"dtype":"F32","dtype":"F32"}})"), says("tensor \"x\": dtype appears twice"));
  CHECK_THAT(error_of(R"({"x":{"shape":[2],"shape":[2]}})"), says("tensor \"x\": shape appears twice"));
  CHECK_THAT(error_of(R"({"x":{"data_offsets":[0,8],"data_offsets":[0,8]}})"),
             says("tensor \"x\": data_offsets appears twice"));
}

TEST_CASE("safetensors: metadata that are not strings are refused") {
  for (const char* value : {"1", "-1", "1.5", "null", "true", "[]", "{}"}) {
    INFO(value);
    CHECK_THAT(error_of(std::string("{\"__metadata__\":{\"key\":") + value + "}}", 0),
               says("metadata key \"key\" has"));
  }
  CHECK_THAT(error_of(R"({"__metadata__":"text"})", 0), says("expected an object"));
  CHECK_THAT(error_of(R"({"__metadata__":[]})", 0), says("expected an object"));
}

TEST_CASE("safetensors: missing and unknown fields are refused") {
  for (const char* fields :
       {"", R"("dtype":"F32","shape":[2])", R"("dtype":"F32","data_offsets":[0,8])",
        R"("shape":[2],"data_offsets":[0,8])", R"("dtype":"F32","shape":[2],"data_offsets":[])",
        R"("dtype":"F32","shape":[2],"data_offsets":[0])"}) {
    INFO(fields);
    CHECK_THAT(error_of(std::string("{\"x\":{") + fields + "}}"),
               says("tensor \"x\": a tensor needs the fields"));
  }
  for (const char* value : {"1", "\"text\"", "[1]", "{}", "null", "false"}) {
    INFO(value);
    CHECK_THAT(error_of(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"extra":)" +
                        std::string(value) + "}}"),
               says("tensor \"x\": field \"extra\" has"));
  }
  CHECK_THAT(error_of(R"({"x":{"dtype":1,"shape":[2],"data_offsets":[0,8]}})"),
             says("field \"dtype\" has a number"));
  CHECK_THAT(error_of(R"({"x":"F32"})"), says("tensor \"x\": the header has a string, expected an object"));
}

TEST_CASE("safetensors: dtypes that Tern does not have are refused by name") {
  for (const char* dtype : {"F64", "F16", "BOOL", "U16", "U32", "U64", "F8_E4M3", "f32", ""}) {
    CHECK_THAT(error_of(with_dtype(dtype)),
               says("tensor \"x\": unsupported dtype \"" + std::string(dtype) + "\"; Tern has F32"));
  }
}

TEST_CASE("safetensors: numbers that are no extents or offsets are refused") {
  for (const char* number :
       {"-2", "2.0", "2e0", "-0", "18446744073709551616", "\"2\"", "null", "true", "[2]", "{}"}) {
    INFO(number);
    CHECK_THAT(error_of(with_shape(fmt::format("[{}]", number))), says("tensor \"x\": field \"shape\" has"));
    CHECK_THAT(error_of(with_offsets(fmt::format("[0,{}]", number))),
               says("tensor \"x\": field \"data_offsets\" has"));
  }
  CHECK_THAT(error_of(with_shape("2")), says("field \"shape\" has a number"));
  CHECK_THAT(error_of(with_shape("[1,1,1,1,1,1,2]")), says("more than the 6 dimensions"));
  CHECK_THAT(error_of(with_offsets("[0,8,8]")), says("data_offsets has more than two numbers"));
}

TEST_CASE("safetensors: a product of extents that overflows is refused") {
  // 2^62 floats need 2^64 bytes, which is 0 modulo 2^64: an unchecked product would match empty data.
  const std::string empty = R"(,"data_offsets":[0,0]}})";
  for (const char* shape : {"[4611686018427387904]", "[2147483648,2147483648]", "[18446744073709551615]",
                            "[4294967296,4294967296,4294967296]", "[0,18446744073709551615]"}) {
    INFO(shape);
    CHECK_THAT(error_of(R"({"x":{"dtype":"F32","shape":)" + std::string(shape) + empty, 0),
               says("tensor \"x\": the number of bytes of the shape overflows"));
  }
}

TEST_CASE("safetensors: offsets that do not fit the data are refused") {
  CHECK_THAT(error_of(with_offsets("[8,0]")),
             says("tensor \"x\": data_offsets [8, 0] end before they begin"));
  CHECK_THAT(error_of(with_offsets("[0,9]")), says("data_offsets [0, 9] go beyond the 8 bytes of data"));
  CHECK_THAT(error_of(with_offsets("[8,16]")), says("data_offsets [8, 16] go beyond the 8 bytes of data"));
  CHECK_THAT(error_of(with_offsets("[18446744073709551608,18446744073709551615]")), says("go beyond"));
  CHECK_THAT(error_of(with_offsets("[0,4]")), says("data_offsets [0, 4] hold 4 bytes, f32 (2,) needs 8"));
  CHECK_THAT(error_of(with_shape("[]")), says("hold 8 bytes, f32 () needs 4"));
  CHECK_THAT(error_of(with_dtype("BF16")), says("hold 8 bytes, bf16 (2,) needs 4"));
}

TEST_CASE("safetensors: gaps, overlaps and trailing bytes are refused at their byte") {
  const auto two = [](const std::string& first, const std::string& second) {
    return object(tensor("a", "F32", "[1]", first) + "," + tensor("b", "F32", "[1]", second));
  };
  const std::size_t data = 8 + two("[0,4]", "[4,8]").size();
  const auto at = [&](std::size_t offset) { return fmt::format("byte {}: ", data + offset); };
  CHECK(error_of(two("[0,4]", "[4,8]")) == "no error");
  CHECK_THAT(error_of(two("[0,4]", "[8,9]"), 12), says("hold 1 bytes"));
  CHECK_THAT(error_of(two("[0,4]", "[5,9]"), 9), says(at(5) + "tensor \"b\": its data leaves a gap"));
  CHECK_THAT(error_of(two("[1,5]", "[5,9]"), 9), says(at(1) + "tensor \"a\": its data leaves a gap"));
  CHECK_THAT(error_of(two("[0,4]", "[3,7]"), 7), says(at(3) + "tensor \"b\": its data overlaps"));
  CHECK_THAT(error_of(two("[0,4]", "[0,4]"), 4), says("its data overlaps"));
  CHECK_THAT(error_of(two("[0,4]", "[4,8]"), 11), says(at(8) + "3 bytes follow the data"));
  CHECK_THAT(error_of("{}", 1), says("byte 10: 1 bytes follow the data"));
}

TEST_CASE("safetensors: a checksum that is only half there is refused") {
  const auto metadata = [](const std::string& pairs) {
    return error_of(fmt::format(R"({{"__metadata__":{{{}}}}})", pairs), 0);
  };
  CHECK(metadata(R"("tern.epoch":"3")") == "no error");
  CHECK_THAT(metadata(R"("tern.writer":"tern")"), says("only a part of a checksum"));
  CHECK_THAT(metadata(R"("tern.crc32":"00000000")"), says("only a part of a checksum"));
  CHECK_THAT(metadata(R"("tern.writer":"tern","tern.crc32":"00000000")"), says("only a part of a checksum"));
  CHECK_THAT(metadata(R"("tern.crc32":"","tern.writer":"tern")"), says("only a part of a checksum"));
  CHECK_THAT(metadata(R"("tern.crc32":"00000000","tern.writer":"tern")"),
             says("byte 39: the checksum is \"00000000\", that of the file's content is "));
}

TEST_CASE("safetensors: an unreasonably long name does not flood the message") {
  const std::string error = error_of("{\"" + std::string(1'000'000, 'n') + "\":1}");
  CHECK_THAT(error, says("nnn\"...: the header has a number"));
  CHECK(error.size() < 400);
}

TEST_CASE("safetensors: a hostile size allocates nothing") {
  const std::size_t live = tern::device_memory({}).live_bytes;
  const std::size_t peak = tern::device_memory({}).peak_bytes;
  CHECK_THAT(error_of(with_shape("[100000000000]")), says("needs 400000000000"));
  CHECK(tern::device_memory({}).live_bytes == live);
  CHECK(tern::device_memory({}).peak_bytes == peak);
}
