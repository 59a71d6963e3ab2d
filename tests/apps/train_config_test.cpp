#include "tern/apps/config/train_config.h"

#include <filesystem>
#include <sstream>

#include "tern/apps/config/training_parts.h"
#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/fixtures.h"

namespace tern {
namespace {

using Catch::Contains;

const std::string kMinimal = R"({"output": "runs/a", "model": "cifar_resnet20",
                                 "data": {"format": "cifar10", "path": "d"}})";

TrainConfig parse(const std::vector<std::string>& overrides = {}) {
  return parse_train_config(kMinimal, "c.json", overrides);
}

std::string refusal_of(const std::vector<std::string>& overrides) {
  try {
    parse(overrides);
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "accepted";
}

TEST_CASE("train_config: the configurations in configs/ are accepted, that for ImageNet in 4 shards") {
  const std::filesystem::path folder = test::default_fixtures() / "../../configs";
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CHECK_NOTHROW(load_train_config(entry.path()));
    ++count;
  }
  CHECK(count >= 3);
  CHECK(load_train_config(folder / "imagenet_resnet18_sttn.json").training.shards == 4);
}

TEST_CASE("train_config: the least configuration, the rest by default") {
  const TrainConfig config = parse();
  CHECK(config.model.text == "\"cifar_resnet20\"");
  CHECK(config.optimizer.lr == 0.005);
  CHECK(config.seed == 1);
  CHECK(config.input.size == 32);
}

TEST_CASE("train_config: the resolved configuration reads back to itself") {
  const TrainConfig config = parse({"model={\"family\":\"resnet\",\"widths\":[8,16]}", "training.epochs=3",
                                    "optimizer.lr=0.1", "schedule.name=step", "schedule.step_size=2"});
  const std::string dump = to_json(config);
  const TrainConfig again = parse_train_config(dump, "dump");
  CHECK(to_json(again) == dump);
  CHECK(again.model.text == R"({"family":"resnet","widths":[8,16]})");
  CHECK(again.training.epochs == 3);
  CHECK(again.schedule.step_size == 2);
}

TEST_CASE("train_config: required fields") {
  CHECK_THROWS_WITH(parse_train_config("{}", "c.json"), Contains("output") && Contains("data.format") &&
                                                            Contains("data.path") && Contains("model"));
}

TEST_CASE("train_config: fields that contradict each other are refused") {
  CHECK_THAT(refusal_of({"training.loss=distillation"}), Contains("needs training.teacher"));
  CHECK_THAT(refusal_of({"training.teacher=t.safetensors"}), Contains("does not use it"));
  CHECK_THAT(refusal_of({"training.teacher_model=resnet50"}), Contains("training.teacher is not"));
  CHECK_THAT(refusal_of({"training.loss=distillation", "training.teacher=t", "training.label_smoothing=0.1"}),
             Contains("label_smoothing is 0.1"));
  CHECK_THAT(
      refusal_of({"training.loss=distillation", "training.teacher=t", "training.class_weights=balanced"}),
      Contains("training.class_weights is given"));
  CHECK_THAT(refusal_of({"training.distillation_weight=0.5"}), Contains("has no teacher"));
  CHECK_THAT(refusal_of({"training.temperature=4"}), Contains("has no teacher"));
  CHECK_THAT(refusal_of({"input.padding=4"}), Contains("only input.crop \"random\" pads"));
  CHECK_THAT(refusal_of({"input.resize=16", "input.crop=center"}), Contains("does not fit"));
  CHECK_THAT(refusal_of({"input.resize=40"}), Contains("must be equal"));
  CHECK_THAT(refusal_of({"augmentation.padding_mode=reflect"}), Contains("input.padding is 0"));
  CHECK_THAT(refusal_of({"augmentation.flip_mode=alternating"}), Contains("input.flip is false"));
  CHECK_THAT(refusal_of({"augmentation.color_jitter=[0,0,0,0.6]"}), Contains("its last number, is 0.6"));
  CHECK_THAT(refusal_of({"augmentation.mixup=9"}),
             Contains("augmentation.mixup: expected a number >= 0 and <= 8"));
  CHECK_THAT(refusal_of({"augmentation.cutout=33"}), Contains("more than the images' 32x32 (input.size)"));
  CHECK_THAT(refusal_of({"init.conv=constant"}), Contains("init.conv_std is 0"));
  CHECK_THAT(refusal_of({"init.linear_std=0.1"}), Contains("init.linear is \"fan_in\""));
  CHECK_THAT(refusal_of({"schedule.name=step"}), Contains("schedule.step_size is 0"));
  CHECK_THAT(refusal_of({"schedule.step_size=3"}), Contains("schedule.name is \"cosine\""));
  CHECK_THAT(refusal_of({"training.epochs=5", "schedule.warmup=5"}), Contains("leave none of the 5 epochs"));
  CHECK_THAT(refusal_of({"schedule.warmup=0.5"}), Contains("set schedule.per to \"step\""));
  CHECK_THAT(refusal_of({"schedule.warmup_steps=10"}), Contains("set schedule.per to \"step\""));
  CHECK_THAT(refusal_of({"schedule.per=step", "schedule.warmup=1", "schedule.warmup_steps=10"}),
             Contains("set one of them to 0"));
  CHECK_THAT(refusal_of({"schedule.min_lr=1"}), Contains("above optimizer.lr 0.005"));
  CHECK_THAT(refusal_of({"optimizer.nesterov=true"}), Contains("needs optimizer.name \"sgd\""));
  CHECK_THAT(refusal_of({"optimizer.name=muon", "optimizer.momentum=0"}),
             Contains("optimizer.momentum is 0"));
  CHECK_THAT(refusal_of({"optimizer.adam_lr_factor=0.5"}), Contains("it is for \"muon\""));
  CHECK_THAT(refusal_of({"output="}), Contains("c.json: output"));
  CHECK_THAT(refusal_of({"data.path="}), Contains("c.json: data.path"));
}

TEST_CASE("train_config: sizes that would overflow are refused") {
  for (const char* field : {"data.max_megapixels", "data.cache_mb", "input.size", "training.epochs"}) {
    CHECK_THAT(refusal_of({field + std::string("=9223372036854775807")}),
               Contains(field) && Contains("got 9223372036854775807"));
  }
}

TEST_CASE("train_config: labels beside a teacher may be smoothed") {
  const TrainConfig config = parse({"training.loss=distillation", "training.teacher=t",
                                    "training.distillation_weight=0.5", "training.label_smoothing=0.1"});
  CHECK(config.training.distillation_weight == 0.5);
}

TEST_CASE("train_config: one channel has one mean and one standard deviation, by default of the luminance") {
  const TrainConfig config = parse({"input.channels=1"});
  CHECK(config.input.mean == std::vector<double>{0.459});
  CHECK(config.input.std == std::vector<double>{0.226});
  CHECK(to_json(parse_train_config(to_json(config), "dump")) == to_json(config));
  CHECK(parse({"input.channels=1", "input.mean=[0.5]"}).input.mean == std::vector<double>{0.5});
  CHECK_THAT(refusal_of({"input.channels=1", "input.std=[0.5,0.5,0.5]"}),
             Contains("input.std: expected a list of 1 numbers, one for each of input.channels, got 3"));
  CHECK_THAT(refusal_of({"input.mean=[0.5]"}), Contains("input.mean: expected a list of 3 numbers"));
  CHECK_THAT(refusal_of({"input.mean=[0.5,1e300,0.5]"}),
             Contains("c.json: input.mean: expected numbers within the range of floats, got 1e+300"));
  CHECK_THAT(refusal_of({"input.channels=2"}), Contains("input.channels: expected 1 or 3, got 2"));
}

TEST_CASE("train_config: height and width go before the size, and crops must fit the shorter one") {
  CHECK(parse({"input.height=16"}).input.image() == Shape{16, 32, 3});
  CHECK(parse({"input.width=64", "input.size=16"}).input.image() == Shape{16, 64, 3});
  const TrainConfig config = parse({"input.height=16", "input.width=24", "input.resize=16"});
  CHECK(parse_train_config(to_json(config), "dump").input.image() == Shape{16, 24, 3});
  CHECK_NOTHROW(parse({"input.height=16", "input.resize=16", "input.crop=center"}));
  CHECK_THAT(refusal_of({"input.height=16", "input.resize=15", "input.crop=center"}),
             Contains("a crop of 16x32 does not fit into images whose shorter side is 15"));
  CHECK_THAT(refusal_of({"input.height=16", "input.resize=32"}), Contains("must be equal"));
  CHECK_THAT(refusal_of({"input.height=16", "augmentation.cutout=17"}),
             Contains("more than the images' 16x32 (input.height and input.size)"));
  CHECK_THAT(refusal_of({"input.height=9000"}), Contains("input.height: expected an integer"));
}

TEST_CASE("train_config: combinations that make sense pass") {
  CHECK_NOTHROW(parse({"training.loss=distillation", "training.teacher=t"}));
  CHECK_NOTHROW(
      parse({"training.loss=distillation", "training.teacher=t", "training.teacher_model=resnet50"}));
  CHECK_NOTHROW(parse({"input.crop=random", "input.padding=4"}));
  CHECK_NOTHROW(parse({"input.crop=random_resized", "input.resize=256", "input.size=224"}));
  CHECK_NOTHROW(
      parse({"input.crop=random", "input.padding=4", "input.flip=true", "augmentation.padding_mode=reflect",
             "augmentation.flip_mode=alternating", "augmentation.cutout=12", "augmentation.erasing=0.5",
             "augmentation.mixup=0.2", "augmentation.cutmix=1"}));
  CHECK_NOTHROW(parse({"init.conv=constant", "init.conv_std=0.01"}));
  CHECK_NOTHROW(parse({"optimizer.name=sgd", "optimizer.nesterov=true"}));
  CHECK_NOTHROW(parse({"optimizer.name=muon", "optimizer.nesterov=true", "optimizer.adam_lr_factor=0.5"}));
}

TEST_CASE("train_config: devices") {
  CHECK(parse({"device=cuda:1"}).device == "cuda:1");
  CHECK_THAT(refusal_of({"device=gpu"}), Contains("expected auto, cpu, cuda or cuda:N, got \"gpu\""));
  for (const char* name : {"cuda:", "cuda:x", "cuda1", ""}) {
    CHECK_THAT(refusal_of({std::string("device=") + name}), Contains("c.json: device: expected auto"));
  }
}

TEST_CASE("train_config: precisions") {
  CHECK(parse().precision == "fp32");
  CHECK(parse({"precision=tf32"}).precision == "tf32");
  CHECK(parse({"precision=bf16"}).precision == "bf16");
  CHECK_THAT(refusal_of({"precision=fp16"}),
             Contains("precision: expected one of \"fp32\", \"tf32\", \"bf16\""));
}

TEST_CASE("train_config: a file that cannot be read") {
  CHECK_THROWS_WITH(load_train_config("no/such/config.json"),
                    Contains("no/such/config.json: cannot open") && Contains("No such file"));
  CHECK_THROWS_WITH(load_train_config(std::filesystem::temp_directory_path().string()),
                    Contains("is a folder"));
}

TEST_CASE("train_config: the help names every section") {
  const std::string help = train_config_help(80);
  for (const char* path :
       {"seed", "data.format", "input.mean", "augmentation.cutout", "model", "training.epochs", "init.conv",
        "optimizer.betas", "schedule.warmup", "log.every_steps", "checkpoint.every_steps"}) {
    CHECK_THAT(help, Contains(std::string(path) + ": "));
  }
}

TEST_CASE("train_config: the help of a section has its fields alone, and an example that is read") {
  const std::string help = train_config_help(80, "training");
  CHECK_THAT(help, Contains("training.class_weights: ") && !Contains("optimizer."));
  std::string every = "{";
  for (const char* section : {"output", "data", "input", "augmentation", "model", "training", "init",
                              "optimizer", "schedule", "log", "checkpoint", "distributed"}) {
    const std::string text = train_config_help(80, section), example = text.substr(text.find("\n{") + 1);
    CHECK_THAT(example, Contains(std::string("\"") + section + "\": "));
    every += (every.size() > 1 ? "," : "") + example.substr(1, example.rfind('}') - 1);
  }
  CHECK(parse_train_config(every + "}", "example").training.class_weights.text == R"({"cat":2.5})");
  CHECK_THAT(train_config_help(80, "training.epochs"), Contains("\"epochs\": 256"));
  CHECK_THROWS_WITH(train_config_help(80, "trainin"),
                    Contains("trainin: no section") && Contains("training, init"));
}

TEST_CASE("train_config: data.dct_scaling is for training images alone, and off") {
  const auto shrink = [](const std::vector<std::string>& overrides, Split split) {
    return make_transform(parse(overrides), split).region({1000, 1000}, {}).shrink;
  };
  CHECK(shrink({"input.resize=32"}, Split::train) == 1);
  CHECK(shrink({"input.resize=32", "data.dct_scaling=true"}, Split::train) == 8);
  CHECK(shrink({"input.resize=32", "data.dct_scaling=true"}, Split::test) == 1);
}

TEST_CASE("train_config: the help fits into the terminal") {
  std::istringstream lines(train_config_help(60));
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK((line.size() <= 60 || line.find(' ', line.find_first_not_of(' ')) == std::string::npos));
  }
}

}  // namespace
}  // namespace tern
