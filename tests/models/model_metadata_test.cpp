#include "tern/models/model_metadata.h"

#include <nlohmann/json.hpp>

#include "tern/core/error.h"
#include "tests/support/catch.h"

using namespace tern;
using Catch::Contains;

namespace {

// The metadata of a good file with one key of "input" replaced.
Metadata with_input(const std::string& key, const nlohmann::json& value) {
  Metadata metadata;
  add_to(metadata, {InputSection{}, {"cat", "dog"}});
  nlohmann::json input = nlohmann::json::parse(metadata.at("input"));
  input[key] = value;
  metadata["input"] = input.dump();
  return metadata;
}

}  // namespace

TEST_CASE("model metadata: comes back as it was added") {
  ModelMetadata model;
  model.input = {64, 0, 0, 3, 72, "bilinear", "center", 4, true, {0.1, 0.2, 0.3}, {0.25, 0.5, 1}};
  model.class_names = {"a", "\xc3\xa4"};
  Metadata metadata;
  add_to(metadata, model);
  const ModelMetadata read = read_model_metadata(metadata, "file");
  CHECK(read.input.size == 64);
  CHECK(read.input.resize == 72);
  CHECK(read.input.interpolation == "bilinear");
  CHECK(read.input.crop == "center");
  CHECK(read.input.padding == 4);
  CHECK(read.input.flip);
  CHECK(read.input.mean == model.input.mean);
  CHECK(read.input.std == model.input.std);
  CHECK(read.class_names == model.class_names);
}

TEST_CASE("model metadata: height and width stand in it where they differ, else the size as ever") {
  ModelMetadata model;
  model.input.height = 24;  // the width is the size
  Metadata metadata;
  add_to(metadata, model);
  CHECK_FALSE(nlohmann::json::parse(metadata.at("input")).contains("size"));
  CHECK(read_model_metadata(metadata, "file").input.image() == Shape{24, 32, 3});
  model.input.width = 24;
  add_to(metadata, model);
  CHECK(nlohmann::json::parse(metadata.at("input")).at("size") == 24);
  CHECK_FALSE(nlohmann::json::parse(metadata.at("input")).contains("width"));
  CHECK(read_model_metadata(metadata, "file").input.image() == Shape{24, 24, 3});
  nlohmann::json input = nlohmann::json::parse(metadata.at("input"));
  input.erase("size");
  metadata["input"] = input.dump();
  CHECK_THROWS_WITH(read_model_metadata(metadata, "file"), Contains("size"));
  input["height"] = 24;
  metadata["input"] = input.dump();
  CHECK_THROWS_WITH(read_model_metadata(metadata, "file"), Contains("width"));
  input["width"] = 0;
  metadata["input"] = input.dump();
  CHECK_THROWS_WITH(read_model_metadata(metadata, "file"), Contains("expected 1 or more, got 24 and 0"));
}

TEST_CASE("model metadata: orientation and background are stored where they are not the defaults") {
  Metadata metadata;
  add_to(metadata, ModelMetadata{});
  CHECK_FALSE(nlohmann::json::parse(metadata.at("input")).contains("background"));
  CHECK(read_model_metadata(metadata, "file").input.exif_orientation);
  ModelMetadata model;
  model.input.exif_orientation = false;
  model.input.background = {0, 10, 255};
  add_to(metadata, model);
  const InputSection read = read_model_metadata(metadata, "file").input;
  CHECK_FALSE(read.exif_orientation);
  CHECK(read.background == std::vector<double>{0, 10, 255});
}

TEST_CASE("model metadata: the number of channels is stored where it is not three, and three by default") {
  Metadata metadata;
  add_to(metadata, {InputSection{}, {"cat"}});
  CHECK(nlohmann::json::parse(metadata.at("input")).contains("channels") == false);
  CHECK(read_model_metadata(metadata, "file").input.channels == 3);
  add_to(metadata, {grey_input(), {"cat"}});
  const InputSection read = read_model_metadata(metadata, "file").input;
  CHECK(read.channels == 1);
  CHECK(read.mean == grey_input().mean);
  CHECK(read.std == grey_input().std);
}

TEST_CASE("model metadata: an input that no training has is refused by file, field and value") {
  const auto refuse = [](const std::string& key, const nlohmann::json& value, const std::string& message) {
    CHECK_THROWS_WITH(read_model_metadata(with_input(key, value), "m.safetensors"),
                      Contains("m.safetensors: metadata ") && Contains(message));
  };
  refuse("size", 0, "size: expected 1 to 8192, got 0");
  refuse("size", 1'000'000'000'000, "size: expected 1 to 8192, got 1000000000000");
  refuse("size", "32", "size: expected an integer, got \"32\"");
  refuse("size", {1, 2}, "size: expected an integer, got array");
  refuse("size", 32.5, "size: expected an integer, got 32.5");
  refuse("padding", 1e30, "padding: expected an integer, got 1e+30");
  refuse("resize", -1, "resize: expected 0 to 8192, got -1");
  refuse("padding", 2000, "padding: expected 0 to 1024, got 2000");
  refuse("interpolation", "magic", "interpolation: expected one of bicubic, bilinear, got \"magic\"");
  refuse("crop", "magic", "crop: expected one of none, center, random, random_resized, got \"magic\"");
  refuse("background", {0, 0.5, 0},
         "background: expected red, green and blue as integers of 0 to 255, got [0, 0.5, 0]");
  refuse("background", {0, 0}, "background: expected red, green and blue");
  refuse("channels", 2, "channels: expected 1 or 3, got 2");
  refuse("channels", "1", "channels: expected an integer, got \"1\"");
  refuse("channels", 1, "mean: expected a list of 1 numbers, one for each of input.channels, got 3");
  refuse("mean", {0.5, 0.5}, "mean: expected a list of 3 numbers, one for each of input.channels, got 2");
  refuse("mean", {0.5, 1e300, 0.5}, "mean: expected numbers within the range of floats, got 1e+300");
  refuse("std", {0.5, 0.5, 0}, "std: expected numbers above 0 within the range of floats, got 0");
  refuse("std", {-1, 1, 1}, "above 0 within the range of floats, got -1");
  refuse("std", {1, 1e-320, 1}, "above 0 within the range of floats, got 1e-320");
}

TEST_CASE("model metadata: what is missing or damaged is named") {
  CHECK_THROWS_WITH(read_model_metadata({}, "file"), Contains("file: metadata \"input\" is missing"));
  Metadata metadata = with_input("size", 32);
  metadata["class_names"] = "[1, 2]";
  CHECK_THROWS_WITH(read_model_metadata(metadata, "file"), Contains("file: metadata") && Contains("string"));
  metadata.erase("class_names");
  CHECK_THROWS_WITH(read_model_metadata(metadata, "file"), Contains("\"class_names\" is missing"));
}
