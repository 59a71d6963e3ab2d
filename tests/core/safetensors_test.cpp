#include "tern/core/safetensors.h"

#include <sys/stat.h>

#include <cstring>

#include "tern/core/error.h"
#include "tern/core/random.h"
#include "tests/support/catch.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_directory.h"

using tern::DataError;
using tern::DType;
using tern::Metadata;
using tern::SafetensorsFile;
using tern::Shape;
using tern::ShapeError;
using tern::Tensor;
using tern::write_safetensors;
using tern::test::read_bytes;
using tern::test::TemporaryDirectory;
using tern::test::write_bytes;

namespace {

Tensor random_tensor(const Shape& shape, DType dtype, std::uint32_t index) {
  Tensor tensor = Tensor::empty(shape, dtype);
  tern::Random random(11, tern::RandomPurpose::test, 0, index);
  auto* bytes = static_cast<std::uint8_t*>(tensor.raw());
  for (std::size_t i = 0; i < tensor.nbytes(); ++i) bytes[i] = static_cast<std::uint8_t>(random.bits());
  return tensor;
}

bool same_tensor(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() && std::memcmp(a.raw(), b.raw(), a.nbytes()) == 0;
}

std::uint64_t header_bytes(const std::string& file) {
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof length);
  return length;
}

/// A file of a few hundred bytes with two dtypes and metadata.
std::string small_file(const std::filesystem::path& path) {
  write_safetensors(path, {{"epoch", "3"}},
                    {{"scale", Tensor::from<float>({2}, {1.5F, -2})},
                     {"trits", Tensor::from<std::uint8_t>({3}, {1, 2, 32})}});
  return read_bytes(path);
}

std::string error_of_opening(const std::filesystem::path& path) {
  try {
    SafetensorsFile::open(path);
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("safetensors: every dtype and shape comes back as it was written") {
  const TemporaryDirectory directory;
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const DType dtype :
       {DType::f32, DType::bf16, DType::i8, DType::u8, DType::i16, DType::i32, DType::i64}) {
    for (const Shape& shape :
         {Shape{}, Shape{0}, Shape{1}, Shape{7}, Shape{3, 0, 2}, Shape{2, 3, 1, 1, 2, 3}}) {
      const std::string name = to_string(dtype) + to_string(shape);
      tensors.emplace_back(name, random_tensor(shape, dtype, static_cast<std::uint32_t>(tensors.size())));
    }
  }
  write_safetensors(directory / "all", {}, tensors);
  const SafetensorsFile file = SafetensorsFile::open(directory / "all");
  CHECK(file.names().size() == tensors.size());
  for (const auto& [name, tensor] : tensors) {
    INFO(name);
    CHECK(file.contains(name));
    CHECK(same_tensor(file.read(name), tensor));
  }
}

TEST_CASE("safetensors: the data starts aligned to 8 bytes and each tensor is aligned to its elements") {
  const TemporaryDirectory directory;
  const auto path = directory / "aligned";
  for (std::size_t length = 0; length < 9; ++length) {
    write_safetensors(path, {{std::string(length, 'k'), ""}},
                      {{"a", random_tensor({3}, DType::u8, 0)},
                       {"b", random_tensor({1}, DType::i16, 1)},
                       {"c", random_tensor({5}, DType::f32, 2)},
                       {"d", random_tensor({1}, DType::i64, 3)}});
    const SafetensorsFile file = SafetensorsFile::open(path);
    CHECK(header_bytes(read_bytes(path)) % 8 == 0);
    CHECK(file.names() == std::vector<std::string>{"d", "c", "b", "a"});
    for (const std::string& name : file.names()) {
      CHECK(file.info(name).begin % size_of(file.info(name).dtype) == 0);
    }
  }
}

TEST_CASE("safetensors: info tells where in the file a tensor is") {
  const TemporaryDirectory directory;
  const std::string bytes = small_file(directory / "small");
  const SafetensorsFile file = SafetensorsFile::open(directory / "small");
  const tern::TensorInfo& info = file.info("trits");
  CHECK(info.name == "trits");
  CHECK(info.dtype == DType::u8);
  CHECK(info.shape == Shape{3});
  CHECK(bytes.substr(info.begin, info.end - info.begin) == std::string("\x01\x02\x20"));
}

TEST_CASE("safetensors: metadata comes back, the keys of the checksum do not") {
  const TemporaryDirectory directory;
  const Metadata metadata{{"", "empty key"},
                          {"config", "{\"a\": \"quoted \\\" and\\n\"}\n\t\x01"},
                          {"tern.epoch", "3"},
                          {"unicode", "\xC3\xA4 \xE2\x82\xAC"}};
  write_safetensors(directory / "file", metadata, {});
  CHECK(SafetensorsFile::open(directory / "file").metadata() == metadata);
}

TEST_CASE("safetensors: the bytes in memory are those of the file") {
  const TemporaryDirectory directory;
  const std::vector<std::pair<std::string, Tensor>> tensors{{"b", random_tensor({3}, DType::u8, 0)},
                                                            {"a", random_tensor({2, 5}, DType::f32, 1)}};
  write_safetensors(directory / "file", {{"k", "v"}}, tensors);
  CHECK(tern::safetensors_bytes({{"k", "v"}}, tensors) == read_bytes(directory / "file"));
}

TEST_CASE("safetensors: names that need escapes come back") {
  const TemporaryDirectory directory;
  const std::string name = "a \"quoted\" \\ \xC3\xA4\n.weight";
  write_safetensors(directory / "file", {}, {{name, Tensor::full({1}, 4)}});
  CHECK(SafetensorsFile::open(directory / "file").read(name).item() == 4);
}

TEST_CASE("safetensors: the file read is the one opened, even if it is replaced meanwhile") {
  const TemporaryDirectory directory;
  write_safetensors(directory / "file", {}, {{"x", Tensor::full({4}, 1)}});
  const SafetensorsFile file = SafetensorsFile::open(directory / "file");
  write_safetensors(directory / "file", {}, {{"x", Tensor::full({4}, 2)}});
  CHECK(file.read("x").to_vector<float>() == std::vector<float>(4, 1));
}

TEST_CASE("safetensors: a missing tensor is reported with file and nearest name") {
  const TemporaryDirectory directory;
  small_file(directory / "small");
  const SafetensorsFile file = SafetensorsFile::open(directory / "small");
  CHECK_FALSE(file.contains("trit"));
  CHECK_THROWS_WITH(file.read("trit"), (directory / "small").string() +
                                           ": there is no tensor \"trit\"; did you mean \"trits\"?");
  CHECK_THROWS_WITH(file.info("unrelated"), Catch::EndsWith("there is no tensor \"unrelated\""));
}

TEST_CASE("safetensors: what the format cannot hold is refused before the file is touched") {
  const TemporaryDirectory directory;
  const auto path = directory / "file";
  const std::string before = small_file(path);
  const Tensor x = Tensor::full({1}, 1);
  CHECK_THROWS_AS(write_safetensors(path, {}, {{"x", x}, {"x", x}}), ShapeError);
  CHECK_THROWS_AS(write_safetensors(path, {}, {{"__metadata__", x}}), ShapeError);
  CHECK_THROWS_AS(write_safetensors(path, {}, {{"x", Tensor()}}), ShapeError);
  CHECK_THROWS_AS(write_safetensors(path, {}, {{"\xFF", x}}), ShapeError);
  CHECK_THROWS_AS(write_safetensors(path, {{"key", "\xC3"}}, {}), ShapeError);
  CHECK_THROWS_AS(write_safetensors(path, {{"tern.crc32", "00000000"}}, {}), ShapeError);
  CHECK_THROWS_AS(write_safetensors(path, {{"tern.writer", "x"}}, {}), ShapeError);
  CHECK(read_bytes(path) == before);
}

TEST_CASE("safetensors: a full disk leaves the previous file intact") {
  const TemporaryDirectory directory;
  const std::string before = small_file(directory / "file");
  std::filesystem::create_symlink("/dev/full", directory / "file.tmp");
  CHECK_THROWS_AS(write_safetensors(directory / "file", {}, {}), DataError);
  CHECK(read_bytes(directory / "file") == before);
}

TEST_CASE("safetensors: flipping any single bit of a file is noticed") {
  const TemporaryDirectory directory;
  const std::string bytes = small_file(directory / "good");
  REQUIRE(error_of_opening(directory / "good") == "no error");
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    write_bytes(directory / "bad", flipped);
    INFO("byte " << bit / 8 << ", bit " << bit % 8);
    REQUIRE_THAT(error_of_opening(directory / "bad"), Catch::Contains(": byte "));
  }
}

TEST_CASE("safetensors: a file cut off anywhere is noticed, with and without a checksum") {
  const TemporaryDirectory directory;
  const std::string header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  std::string plain(8, '\0');
  plain[0] = static_cast<char>(header.size());
  plain += header + "01234567";
  for (const std::string& bytes : {small_file(directory / "good"), plain}) {
    write_bytes(directory / "file", bytes);
    REQUIRE(error_of_opening(directory / "file") == "no error");
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      write_bytes(directory / "file", bytes.substr(0, length));
      INFO("the first " << length << " bytes");
      REQUIRE_THAT(error_of_opening(directory / "file"), Catch::Contains(": byte "));
    }
    write_bytes(directory / "file", bytes + " ");
    REQUIRE_THAT(error_of_opening(directory / "file"), Catch::Contains("1 bytes follow the data"));
  }
}

TEST_CASE("safetensors: paths that are no readable file are reported") {
  const TemporaryDirectory directory;
  CHECK_THAT(error_of_opening(directory / "missing"), Catch::Contains("missing: No such file or directory"));
  CHECK_THAT(error_of_opening(directory.path()),
             Catch::Contains("it is not a regular file but a folder; name a file in it"));
  REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
  CHECK_THAT(error_of_opening(directory / "pipe"), Catch::Contains("it is not a regular file"));
}

TEST_CASE("safetensors: a file that shrinks after it was opened is noticed") {
  const TemporaryDirectory directory;
  small_file(directory / "file");
  const SafetensorsFile file = SafetensorsFile::open(directory / "file");
  std::filesystem::resize_file(directory / "file", file.info("trits").begin + 1);
  CHECK_THROWS_WITH(file.read("trits"), Catch::Contains("the file ends here"));
}

TEST_CASE("safetensors: every golden file is read and survives being written again") {
  const TemporaryDirectory directory;
  const auto paths = tern::test::fixture_files("*.safetensors");
  REQUIRE_FALSE(paths.empty());
  for (const auto& path : paths) {
    INFO(path.string());
    const SafetensorsFile file = SafetensorsFile::open(path);
    REQUIRE_FALSE(file.names().empty());
    std::vector<std::pair<std::string, Tensor>> tensors;
    for (const std::string& name : file.names()) tensors.emplace_back(name, file.read(name));
    write_safetensors(directory / "copy", file.metadata(), tensors);
    const SafetensorsFile copy = SafetensorsFile::open(directory / "copy");
    CHECK(copy.metadata() == file.metadata());
    for (const auto& [name, tensor] : tensors) CHECK(same_tensor(copy.read(name), tensor));
  }
}
