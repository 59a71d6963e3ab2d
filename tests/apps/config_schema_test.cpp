#include "tern/apps/config/config_schema.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

using Catch::Contains;
using Catch::Equals;

struct Config {
  std::int64_t epochs = 3;
  double rate = 0.5;
  bool flip = false;
  std::string device = "auto";
  std::string output = "runs/x";
  std::vector<double> betas = {0.9, 0.999};
  FreeJson model;
};

Schema declare(Config& config) {
  Schema schema;
  schema.field("training.epochs", config.epochs, "passes over the images").at_least(1).at_most(1000);
  schema.field("training.batch_size", config.rate, "a number above zero").above(0);
  schema.field("flip", config.flip, "mirror");
  schema.field("device", config.device, "where").one_of({"auto", "cpu", "cuda"});
  schema.field("output", config.output, "folder");
  schema.field("betas", config.betas, "decays").length(2).at_least(0).below(1);
  schema.field("model", config.model, "network");
  return schema;
}

Config read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  Config config;
  declare(config).read(text, "config.json", overrides);
  return config;
}

/// The message of the ConfigError that reading must throw.
std::string refusal(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    read(text, overrides);
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "accepted";
}

TEST_CASE("config_schema: reads every type and keeps the defaults of what is not given") {
  const Config config = read(R"({"training": {"epochs": 7, "batch_size": 2}, "flip": true, "device": "cpu",
                                 "betas": [0, 0.5], "model": {"widths": [8, 16]}})");
  CHECK(config.epochs == 7);
  CHECK(config.rate == 2.0);
  CHECK(config.flip);
  CHECK(config.device == "cpu");
  CHECK(config.output == "runs/x");
  CHECK(config.betas == std::vector<double>{0.0, 0.5});
  CHECK(config.model.text == R"({"widths":[8,16]})");
}

TEST_CASE("config_schema: an unknown key is refused with its path and the nearest one") {
  CHECK_THAT(refusal(R"({"training": {"bach_size": 2}})"),
             Equals("config.json: training.bach_size: unknown key; did you mean training.batch_size?"));
  CHECK_THAT(refusal(R"({"trainning": {"epochs": 2}})"),
             Equals("config.json: trainning: unknown key; did you mean training?"));
  CHECK_THAT(refusal(R"({"epochs": 2})"),
             Equals("config.json: epochs: unknown key; did you mean training.epochs?"));
  CHECK_THAT(refusal(R"({"training": {"zzzzzzzzzz": 2}})"),
             Equals("config.json: training.zzzzzzzzzz: unknown key; known here: training.epochs, "
                    "training.batch_size"));
}

TEST_CASE("config_schema: a dotted key in the file is refused") {
  CHECK_THAT(refusal(R"({"training.epochs": 2})"),
             Contains("config.json: training.epochs: a key holds no dot"));
}

TEST_CASE("config_schema: a duplicate key is refused with its path, at any depth") {
  CHECK_THAT(refusal(R"({"training": {"epochs": 2, "epochs": 2}})"),
             Contains("config.json: training.epochs: duplicate key"));
  CHECK_THAT(refusal(R"({"model": {"a": [{"b": 1}, {"b": 1, "b": 2}]}})"),
             Contains("config.json: model.a.b: duplicate key"));
  CHECK_THAT(refusal("{}", {R"(model={"a": 1, "a": 2})"}), Contains("--set model: a: duplicate key"));
  CHECK(read(R"({"model": {"a": [{"b": 1}, {"b": 1}]}})").model.text == R"({"a":[{"b":1},{"b":1}]})");
}

TEST_CASE("config_schema: an ill-typed value is refused with what was expected and what came") {
  CHECK_THAT(refusal(R"({"training": {"epochs": "ten"}})"),
             Equals(R"(config.json: training.epochs: expected an integer >= 1 and <= 1000, got "ten")"));
  CHECK_THAT(refusal(R"({"training": 3})"), Equals("config.json: training: expected an object, got 3"));
  CHECK_THAT(refusal("[]"), Equals("config.json: expected an object, got []"));
  CHECK_THAT(refusal(R"({"flip": 1})"), Equals("config.json: flip: expected true or false, got 1"));
  CHECK_THAT(refusal(R"({"output": null})"), Equals("config.json: output: expected a string, got null"));
  CHECK_THAT(refusal(R"({"model": 3})"), Equals("config.json: model: expected an object or a string, got 3"));
}

TEST_CASE("config_schema: a number of integral value is an integer, another is not") {
  CHECK(read(R"({"training": {"epochs": 1e2}})").epochs == 100);
  CHECK(read(R"({"training": {"epochs": 100.0}})").epochs == 100);
  CHECK_THAT(refusal(R"({"training": {"epochs": 1.5}})"), Contains("expected an integer"));
  CHECK_THAT(refusal(R"({"training": {"epochs": true}})"), Contains("expected an integer"));
  CHECK_THAT(refusal(R"({"training": {"epochs": 18446744073709551615}})"), Contains("expected an integer"));
  CHECK_THAT(refusal(R"({"training": {"epochs": 1e300}})"), Contains("expected an integer"));
}

TEST_CASE("config_schema: a value out of range is refused with the range") {
  CHECK_THAT(refusal(R"({"training": {"epochs": 0}})"), Contains(">= 1 and <= 1000, got 0"));
  CHECK_THAT(refusal(R"({"training": {"epochs": 1001}})"), Contains(">= 1 and <= 1000, got 1001"));
  CHECK_THAT(refusal(R"({"training": {"batch_size": 0}})"), Contains("expected a number > 0, got 0"));
  CHECK_THAT(refusal(R"({"betas": [0.9, 1]})"),
             Contains("expected a list of 2 numbers >= 0 and < 1, got [0.9,1]"));
  CHECK_THAT(refusal(R"({"betas": [0.9]})"), Contains("expected a list of 2 numbers"));
  CHECK_THAT(refusal(R"({"betas": [0.9, "x"]})"), Contains("expected a list of 2 numbers"));
}

TEST_CASE("config_schema: a string that is not among the allowed ones is refused with the nearest") {
  CHECK_THAT(refusal(R"({"device": "cuba"})"),
             Equals(R"(config.json: device: expected one of "auto", "cpu", "cuda", got "cuba"; )"
                    R"(did you mean "cuda"?)"));
}

TEST_CASE("config_schema: a syntax error names line and column") {
  CHECK_THAT(refusal("{\n  \"flip\": tru\n}"), Contains("config.json: line 2, column 14"));
  CHECK_THAT(refusal("{\"flip\": true} x"), Contains("config.json: line 1, column 16"));
  CHECK_THAT(refusal(""), Contains("config.json: line 1, column 1"));
}

TEST_CASE("config_schema: comments are skipped, and every other check stays") {
  CHECK(read("// a\n{ // why \"\n \"flip\" /* , { */ : true}\n/* end */").flip);
  CHECK(read(R"({"output": "http://a/*b*/"})").output == "http://a/*b*/");
  CHECK_THAT(refusal("{/* a\n */\n\"flip\": tru}"), Contains("config.json: line 3, column 12"));
  CHECK_THAT(refusal("{\"flip\": true /* }"), Contains("line 1, column 19"));
  CHECK_THAT(refusal("{# why\n\"flip\": true}"), Contains("line 1, column 2"));
  CHECK_THAT(refusal(R"({"training": {"epochs": 2, /* again */ "epochs": 2}})"), Contains("duplicate key"));
  CHECK_THAT(refusal("{}", {"betas=[0.1, /* b2 */ 0.2]"}), Contains("--set betas: expected a list"));
}

TEST_CASE("config_schema: what is deeper or longer than any configuration is refused at once") {
  constexpr std::size_t kDeep = 100'000;
  CHECK_THAT(refusal(std::string(kDeep, '[')), Contains("config.json: nested more than 64 levels deep"));
  std::string objects;
  for (std::size_t i = 0; i < kDeep; ++i) objects += R"({"a":)";
  CHECK_THAT(refusal(objects), Contains("config.json: nested more than 64 levels deep"));
  const std::string message = refusal("{\"" + std::string(1'000'000, 'k') + "\": 1}");
  CHECK_THAT(message, Contains("a key of 1000000 bytes; the longest has 1024"));
  CHECK(message.size() < 200);
}

TEST_CASE("config_schema: trailing commas, NaN and overflow are syntax errors") {
  CHECK_THAT(refusal(R"({"flip": true,})"), Contains("line 1"));
  CHECK_THAT(refusal(R"({"training": {"batch_size": NaN}})"), Contains("line 1"));
  CHECK_THAT(refusal(R"({"training": {"batch_size": Infinity}})"), Contains("line 1"));
  CHECK_THAT(refusal(R"({"training": {"batch_size": 1e999}})"), Contains("config.json: number overflow"));
}

TEST_CASE("config_schema: overrides come after the file, in order") {
  const Config config =
      read(R"({"training": {"epochs": 7}})", {"training.epochs=8", "training.epochs=9", "betas=[0.1,0.2]",
                                              "device=cpu", "training={\"batch_size\": 4}"});
  CHECK(config.epochs == 9);
  CHECK(config.betas == std::vector<double>{0.1, 0.2});
  CHECK(config.device == "cpu");
  CHECK(config.rate == 4.0);
}

TEST_CASE("config_schema: an override of a string needs no quotes") {
  CHECK(read("{}", {"output=runs/a=b"}).output == "runs/a=b");
  CHECK(read("{}", {"output=2024"}).output == "2024");
  CHECK(read("{}", {R"(output="quoted")"}).output == "quoted");
  CHECK(read("{}", {"output="}).output.empty());
}

TEST_CASE("config_schema: overrides are checked like the file and named in the error") {
  CHECK_THAT(refusal("{}", {"training.epochs=ten"}),
             Equals(R"(--set training.epochs: expected an integer >= 1 and <= 1000, got "ten")"));
  CHECK_THAT(refusal("{}", {"training.epoch=1"}),
             Equals("--set training.epoch: unknown key; did you mean training.epochs?"));
  CHECK_THAT(refusal("{}", {"flip"}), Equals("--set flip: expected a.b=value"));
  CHECK_THAT(refusal("{}", {"=1"}), Equals("--set =1: expected a.b=value"));
  CHECK_THAT(refusal("{}", {"output=\xff"}), Contains("--set output: expected a string"));
}

TEST_CASE("config_schema: overrides reach into free JSON") {
  CHECK(read(R"({"model": {"widths": [4]}})", {"model.widths=[8,16]", "model.stem.kind=cifar"}).model.text ==
        R"({"widths":[8,16],"stem":{"kind":"cifar"}})");
  CHECK(read(R"({"model": {"widths": [4]}})", {"model=cifar_resnet20_ter"}).model.text ==
        R"("cifar_resnet20_ter")");
  CHECK_THAT(refusal(R"({"model": "resnet18"})", {"model.widths=[8]"}),
             Equals(R"(--set model.widths: model is not an object but "resnet18")"));
  CHECK_THAT(refusal(R"({"model": {}})", {"model.=1"}), Contains("an empty name"));
}

TEST_CASE("config_schema: missing required fields are all named") {
  std::string data, output;
  Schema schema;
  schema.field("data.path", data, "folder").required();
  schema.field("output", output, "where").required();
  CHECK_THROWS_WITH(schema.read("{}", "c.json"), "c.json: missing: data.path (folder), output (where)");
  schema.read(R"({"data": {"path": "x"}})", "c.json", {"output=y"});
  CHECK(data == "x");
}

TEST_CASE("config_schema: the dump reads back to the same dump") {
  Config config = read(R"({"training": {"epochs": 7, "batch_size": 0.1}, "model": {"b": 1, "a": [1.5]}})");
  const std::string dump = declare(config).to_json();
  Config again = read(dump);
  CHECK(declare(again).to_json() == dump);
  CHECK(again.rate == 0.1);
  CHECK_THAT(dump, Contains("\"training\": {\n    \"epochs\": 7,\n    \"batch_size\": 0.1\n  }"));
}

TEST_CASE("config_schema: the help shows limits and defaults") {
  Config config;
  CHECK_THAT(
      declare(config).help(),
      Contains("training.epochs: an integer >= 1 and <= 1000; default 3\n    passes over the images\n"));
}

}  // namespace
}  // namespace tern
