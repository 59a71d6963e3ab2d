// Files made by hand, each wrong in one way: all must be refused with file and place, and none may run
// anything.
#include <zip.h>

#include <functional>

#include "tern/core/error.h"
#include "tern/models/formats/state_dict_file.h"
#include "tests/support/catch.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_directory.h"

using namespace tern;
using namespace std::string_literals;
using Catch::Contains;

namespace {

std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value & 0xff);
  return text;
}

std::string unicode(const std::string& text) {
  return "X" + little_endian(text.size(), 4) + text;
}

std::string integer(std::uint64_t value) {
  return "\x8a\x08" + little_endian(value, 8);
}

std::string tuple(const std::vector<std::uint64_t>& values) {
  std::string items;
  for (const std::uint64_t value : values) items += integer(value);
  return "(" + items + "t";
}

std::string pickle(const std::string& opcodes) {
  return "\x80\x02" + opcodes + ".";
}

std::string storage(std::uint64_t numel, const std::string& key = "0") {
  return "(" + unicode("storage") + "ctorch\nFloatStorage\n" + unicode(key) + unicode("cpu") +
         integer(numel) + "tQ";
}

std::string tensor(const std::string& storage_code, std::uint64_t offset, const std::string& sizes,
                   const std::string& strides) {
  return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage_code + integer(offset) + sizes + strides + "\x89" +
         "ccollections\nOrderedDict\n)RtR";
}

std::string dict(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string items;
  for (const auto& [name, value] : entries) items += unicode(name) + value;
  return "}(" + items + "u";
}

const std::string kMagic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

/// A file of the older format around the pickle of `root`.
std::string legacy(const std::string& root, const std::string& keys = "]", const std::string& data = "") {
  return pickle(kMagic) + pickle("M\xe9\x03") + pickle("}") + pickle(root) + pickle(keys) + data;
}

/// One with the storage "0" of `numel` zeros.
std::string with_storage(const std::string& root, std::uint64_t numel) {
  return legacy(root, "]" + unicode("0") + "a",
                little_endian(numel, 8) + std::string(numel * sizeof(float), '\0'));
}

void read_all(const std::filesystem::path& path) {
  for (const auto& [name, tensor] : open_state_dict(path)) tensor.read();
}

/// What reading all of such a file says, less the path that it must begin with; "" if nothing is wrong.
std::string error_of(const std::string& bytes) {
  const test::TemporaryDirectory folder;
  const auto path = folder.write("hostile.pth", bytes);
  try {
    read_all(path);
  } catch (const DataError& error) {
    const std::string what = error.what(), prefix = path.string() + ": ";
    return what.starts_with(prefix) ? what.substr(prefix.size()) : "the path is missing: " + what;
  }
  return "";
}

struct ZipEntry {
  std::string name, bytes;
  int method = ZIP_CM_STORE;
};

std::string error_of_zip(const std::vector<ZipEntry>& entries,
                         const std::function<std::string(std::string)>& change = {}) {
  const test::TemporaryDirectory folder;
  const std::string path = folder / "archive.pth";
  zip_t* zip = zip_open(path.c_str(), ZIP_CREATE, nullptr);
  for (const ZipEntry& entry : entries) {
    zip_source_t* source = zip_source_buffer(zip, entry.bytes.data(), entry.bytes.size(), 0);
    const auto index = static_cast<zip_uint64_t>(zip_file_add(zip, entry.name.c_str(), source, 0));
    zip_set_file_compression(zip, index, entry.method, 0);
  }
  REQUIRE(zip_close(zip) == 0);
  const std::string bytes = test::read_bytes(path);
  return error_of(change ? change(bytes) : bytes);
}

std::string pytorch_file(const std::string& name) {
  return test::read_bytes(test::default_fixtures() / "pytorch" / name);
}

const std::string kVector = tensor(storage(4), 0, tuple({4}), tuple({1}));

}  // namespace

TEST_CASE("state dict: what the hostile files are made of is taken") {
  CHECK(error_of(with_storage(dict({{"w", kVector}}), 4)) == "");
  CHECK(error_of_zip({{"x/data.pkl", pickle(dict({{"w", kVector}}))}, {"x/data/0", std::string(16, '\0')}}) ==
        "");
}

TEST_CASE("pickle: classes and functions that are not of tensors are refused by name, and none is called") {
  const test::TemporaryDirectory folder;
  const std::string touched = folder / "touched";
  const std::string argument = unicode("touch " + touched) + "\x85";
  for (const std::string& name :
       std::vector<std::string>{"os.system", "posix.system", "builtins.eval", "torch.load", "torch.nn.Linear",
                                "numpy.core.multiarray.scalar", "collections.deque", "torch._utils.os"}) {
    INFO(name);
    const std::size_t dot = name.rfind('.');
    const std::string module = name.substr(0, dot), function = name.substr(dot + 1);
    const auto check_refusal = [&name](const std::string& error) {
      CHECK_THAT(error,
                 Contains("names \"" + name + "\"") && Contains("nothing was run") && Contains("byte "));
    };
    const std::string call = "c" + module + "\n" + function + "\n" + argument + "R";
    check_refusal(error_of(legacy(call)));
    check_refusal(error_of(legacy(unicode(module) + unicode(function) + "\x93" + argument + "R")));
    check_refusal(error_of_zip({{"x/data.pkl", pickle(call)}}));
  }
  CHECK_FALSE(std::filesystem::exists(touched));
}

TEST_CASE("pickle: opcodes that make objects by other ways, and those of protocol 0, are refused") {
  for (const std::string& opcode : std::vector<std::string>{"ios\nsystem\n", "o", "\x81", "\x82\x01", "P1\n",
                                                            "I1\n", "B\0\0\0\0"s, "\x97"}) {
    INFO(opcode);
    CHECK_THAT(error_of(legacy("N" + opcode)),
               Contains("opcode 0x") && Contains("none of those that torch.save"));
  }
  CHECK_THAT(error_of(pickle(kMagic) + "\x80\x06N."), Contains("protocol 6"));
}

TEST_CASE("pickle: deep nesting and more values than any state dict has are refused") {
  const auto lists = [](std::size_t count) { return std::string(count, ']') + std::string(count - 1, 'a'); };
  CHECK_THAT(error_of(legacy(lists(65))), Contains("holds a list"));
  CHECK_THAT(error_of(legacy(lists(66))), Contains("nested more than 64 levels deep"));
  CHECK_THAT(error_of(legacy("]q\x01"s + "h\x01"s + "a")), Contains("holds a list"));  // in itself
  constexpr std::size_t kMany = (std::size_t{1} << 20) + 2;
  for (const std::string& opcode : std::vector<std::string>{"N", "(", "]q\x01"}) {
    std::string many;
    while (many.size() < kMany * opcode.size()) many += opcode;
    CHECK_THAT(error_of(legacy(many)), Contains("has more than 1048576 values"));
  }
  // A dict of 1000 entries, copied 2000 times.
  std::string copies = "}(";
  for (int i = 0; i < 1000; ++i) copies += "NN";
  copies += "uq\x01]";
  for (int i = 0; i < 2000; ++i) copies += "ccollections\nOrderedDict\nh\x01\x85Ra";
  CHECK_THAT(error_of(legacy(copies)), Contains("has more than 1048576 values"));
}

TEST_CASE("pickle: lengths beyond the file are refused, whatever they promise") {
  CHECK_THAT(error_of(legacy("X\xff\xff\xff\xff")), Contains("4294967295 bytes are wanted"));
  CHECK_THAT(error_of(legacy("\x8d" + std::string(8, '\xff'))),
             Contains("18446744073709551615 bytes are wanted"));
  CHECK_THAT(error_of(legacy("T\xff\xff\xff\x7f")), Contains("2147483647 bytes are wanted"));
  CHECK_THAT(error_of(legacy("cos")), Contains("a line has no end"));
}

TEST_CASE("pickle: values that are not there are refused") {
  for (const char* code : {"a", "(a", "\x85", "t", "u", "}(Nu", "h\x05", "R", "NR", "NNR", "b", "]Nb", "Q",
                           "NQ", "s", "}Ns", "N)a", "(N"}) {
    INFO(code);
    CHECK(error_of(legacy(code)).starts_with("byte "));
  }
  CHECK_THAT(error_of(legacy("NN")), Contains("belong to nothing"));
  CHECK_THAT(error_of(legacy("]\x85R")), Contains("a value is wanted"));
}

TEST_CASE("pickle: arguments that rebuild no tensor are refused") {
  const std::string function = "ctorch._utils\n_rebuild_tensor_v2\n";
  CHECK_THAT(error_of(legacy(function + ")R")), Contains("_rebuild_tensor has 0 arguments"));
  CHECK_THAT(error_of(legacy(function + "(K\x01K\x01K\x01K\x01tR")),
             Contains("argument 0 of _rebuild_tensor is an integer, expected a storage"));
  CHECK_THAT(error_of(legacy(tensor(storage(4), 0, tuple({1, 1, 1, 1, 1, 1, 1}), tuple({1})))),
             Contains("7 dimensions"));
  CHECK_THAT(error_of(legacy(tensor(storage(4), 0, "]Na", tuple({1})))),
             Contains("is None, expected an integer"));
  CHECK_THAT(error_of(legacy("(" + unicode("module") + "tQ")),
             Contains("is of \"module\", expected \"storage\""));
  CHECK_THAT(error_of(legacy("(" + storage(4) + storage(5) + "t")),
             Contains("storage \"0\" is described in two ways"));
  CHECK_THAT(error_of(legacy(storage(std::uint64_t(-1)))), Contains("storage \"0\" has -1 elements"));
  CHECK_THAT(error_of(legacy("ctorch\nFloatStorage\n)R")), Contains("a storage is called"));
}

TEST_CASE("state dict: tensors that do not lie within their storages are refused") {
  constexpr std::uint64_t kHuge = std::uint64_t{1} << 62;
  constexpr std::uint64_t kMinusOne = ~std::uint64_t{0};
  const auto error_of_tensor = [](std::uint64_t offset, const std::vector<std::uint64_t>& sizes,
                                  const std::vector<std::uint64_t>& strides) {
    return error_of(with_storage(dict({{"w", tensor(storage(4), offset, tuple(sizes), tuple(strides))}}), 4));
  };
  CHECK(error_of_tensor(1, {3}, {1}) == "");
  CHECK(error_of_tensor(0, {2, 1}, {3, kHuge}) == "");  // the stride of one row means nothing
  for (const auto& [offset, sizes, strides] :
       std::vector<std::tuple<std::uint64_t, std::vector<std::uint64_t>, std::vector<std::uint64_t>>>{
           {0, {5}, {1}},
           {1, {4}, {1}},
           {4, {}, {}},
           {kMinusOne, {1}, {1}},
           {0, {2}, {4}},
           {0, {2, 2}, {1}},
           {0, {kMinusOne}, {1}},
           {0, {2}, {kMinusOne}},
           {0, {kHuge}, {0}},
           {0, {5}, {0}},
           {0, {kHuge, kHuge}, {0, 0}},
           {0, {std::uint64_t{1} << 63}, {1}},
           {0, {3}, {kHuge}},
           {kHuge, {2}, {kHuge}}}) {
    CAPTURE(offset, sizes, strides);
    CHECK_THAT(error_of_tensor(offset, sizes, strides),
               Contains("tensor \"w\"") && Contains("does not lie within its storage of 4 elements"));
  }
}

TEST_CASE("state dict: tensors that share storages may not grow far beyond the file") {
  const std::string all = tensor(storage(4096), 0, tuple({4096}), tuple({1}));
  std::vector<std::pair<std::string, std::string>> entries;
  for (int i = 0; i < 8; ++i) entries.emplace_back("w" + std::to_string(i), all);
  CHECK(error_of(with_storage(dict(entries), 4096)) == "");
  entries.emplace_back("w8", all);
  entries.emplace_back("w9", all);
  CHECK_THAT(error_of(with_storage(dict(entries), 4096)),
             Contains("more than 8 times the bytes of the file"));
}

TEST_CASE("state dict: storages that do not fit the older format's file are refused") {
  const std::string root = dict({{"w", kVector}}), keys = "]" + unicode("0") + "a";
  const std::string data(16, '\0');
  CHECK_THAT(error_of(legacy(root, keys, little_endian(5, 8) + data)),
             Contains("has 5 elements, its tensors say 4"));
  CHECK_THAT(error_of(legacy(root, keys, little_endian(4, 8) + data.substr(1))),
             Contains("15 bytes are left"));
  CHECK_THAT(error_of(legacy(root, keys, little_endian(4, 8) + data + "x")), Contains("1 bytes follow"));
  CHECK_THAT(error_of(legacy(root, keys, "1234567")), Contains("ends before storage \"0\""));
  CHECK_THAT(error_of(legacy(root, "]", "")), Contains("storage \"0\" is not in its list"));
  CHECK_THAT(error_of(legacy(root, "]" + unicode("1") + "a", little_endian(4, 8) + data)),
             Contains("has \"1\""));
  CHECK_THAT(error_of(legacy(root, "N", "")), Contains("list of storages is None"));
  const std::uint64_t huge = std::uint64_t{1} << 61;
  CHECK_THAT(error_of(legacy(dict({{"w", tensor(storage(huge), 0, tuple({huge}), tuple({1}))}}), keys,
                             little_endian(huge, 8) + data)),
             Contains("2305843009213693952 elements of 4 bytes, 16 bytes are left"));
}

TEST_CASE("state dict: entries that do not fit an archive are refused") {
  const ZipEntry root{"x/data.pkl", pickle(dict({{"w", kVector}}))};
  const ZipEntry data{"x/data/0", std::string(16, '\1')};
  CHECK_THAT(error_of_zip({root, {data.name, data.bytes + "1"}}), Contains("\"x/data/0\" has 17 bytes"));
  CHECK_THAT(error_of_zip({root}), Contains("there is no \"x/data/0\""));
  CHECK_THAT(error_of_zip({data}), Contains("without data.pkl"));
  CHECK_THAT(error_of_zip({root, {data.name, std::string(4096, '\0'), ZIP_CM_DEFLATE}}),
             Contains("is compressed"));
  CHECK_THAT(error_of_zip({{"x/byteorder", "big"}, root, data}), Contains("byte order is \"big\""));
  CHECK_THAT(error_of_zip(
                 {root, data},
                 [](std::string bytes) { return bytes.replace(bytes.find(std::string(16, '\1')), 1, "2"); }),
             Contains("\"x/data/0\"") && Contains("CRC"));
}

TEST_CASE("state dict: what is no dict of tensors is refused with what it is") {
  CHECK_THAT(error_of(legacy("N")), Contains("holds None, expected the dict of model.state_dict()"));
  CHECK_THAT(error_of(with_storage(dict({{"w", kVector}, {"epoch", "K\x03"}}), 4)),
             Contains("\"epoch\" is an integer, expected a tensor") && Contains("state_dict, model"));
  CHECK_THAT(error_of(legacy("}K\x01Ns")), Contains("a key of the state dict is an integer"));
  CHECK_THAT(error_of(legacy("}")), Contains("its state dict is empty"));
  CHECK_THAT(error_of(with_storage(dict({{"w", kVector}, {"w", kVector}}), 4)),
             Contains("\"w\" is there twice"));
  CHECK_THAT(error_of(pickle("N")), Contains("not as a file of torch.save does"));
}

TEST_CASE("state dict: a file that was cut off anywhere is refused") {
  for (const char* name : {"legacy.pth", "zip.pth", "state_dict.safetensors"}) {
    const std::string whole = pytorch_file(name);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(name, size);
      const std::string error = error_of(whole.substr(0, size));
      REQUIRE(error != "");
      REQUIRE_FALSE(error.starts_with("the path is missing"));
    }
  }
}
