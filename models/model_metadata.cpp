#include "tern/models/model_metadata.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "tern/core/error.h"

namespace tern {
namespace {

using nlohmann::json;

json parse_value(const Metadata& metadata, const std::string& key, const std::string& path) {
  const auto found = metadata.find(key);
  require<DataError>(found != metadata.end(),
                     "{}: metadata \"{}\" is missing; was the file written by tern-train?", path, key);
  return json::parse(found->second);
}

// A number such as 1e30 would be converted without a check.
std::int64_t integer(const json& input, const char* key, const std::string& path) {
  const json& value = input.at(key);
  require<DataError>(value.is_number_integer(), "{}: metadata \"input\": {} {} is not an integer", path, key,
                     value.is_primitive() ? value.dump() : value.type_name());
  return value.get<std::int64_t>();
}

// The limits of a training configuration.
void check(const InputSection& input, const std::string& path) {
  const auto check_between = [&path](const char* key, std::int64_t value, std::int64_t low,
                                     std::int64_t high) {
    require<DataError>(value >= low && value <= high,
                       "{}: metadata \"input\": {} {} is not between {} and {}", path, key, value, low, high);
  };
  const auto check_name = [&path](const char* key, const std::string& name,
                                  const std::set<std::string>& known) {
    require<DataError>(known.count(name) > 0, "{}: metadata \"input\": {} {} is not one of {}", path, key,
                       json(name).dump(), json(known).dump());
  };
  check_between("size", input.size, 1, 8192);
  require<DataError>(input.channels == 1 || input.channels == 3,
                     "{}: metadata \"input\": channels {} is not 1 or 3", path, input.channels);
  check_between("resize", input.resize, 0, 8192);
  check_between("padding", input.padding, 0, 1024);
  check_name("interpolation", input.interpolation, {"bicubic", "bilinear"});
  check_name("crop", input.crop, {"none", "center", "random", "random_resized"});
  const auto channels = static_cast<std::size_t>(input.channels);
  require<DataError>(input.mean.size() == channels && input.std.size() == channels,
                     "{}: metadata \"input\": {} means and {} standard deviations; expected {} of each", path,
                     input.mean.size(), input.std.size(), channels);
  for (std::size_t c = 0; c < channels; ++c) {
    // They become floats.
    const auto mean = static_cast<float>(input.mean[c]), std = static_cast<float>(input.std[c]);
    require<DataError>(
        std::isfinite(mean) && std::isfinite(std) && std::isfinite(1 / std) && std > 0,
        "{}: metadata \"input\": mean {} and std {} of channel {} must be finite, and std above 0", path,
        input.mean[c], input.std[c], c);
  }
}

}  // namespace

InputSection grey_input() {
  InputSection input;
  input.channels = 1;
  input.mean = {0.459};
  input.std = {0.226};
  return input;
}

void add_to(Metadata& metadata, const ModelMetadata& model) {
  const InputSection& input = model.input;
  json section = {{"size", input.size}, {"resize", input.resize},   {"interpolation", input.interpolation},
                  {"crop", input.crop}, {"padding", input.padding}, {"flip", input.flip},
                  {"mean", input.mean}, {"std", input.std}};
  if (input.channels != 3)
    section["channels"] = input.channels;  // files of before there was a choice lack it
  metadata["input"] = section.dump();
  metadata["class_names"] = json(model.class_names).dump();
}

ModelMetadata read_model_metadata(const Metadata& metadata, const std::string& path) {
  ModelMetadata model;
  try {
    const json input = parse_value(metadata, "input", path);
    model.input.size = integer(input, "size", path);
    if (input.contains("channels")) model.input.channels = integer(input, "channels", path);
    model.input.resize = integer(input, "resize", path);
    input.at("interpolation").get_to(model.input.interpolation);
    input.at("crop").get_to(model.input.crop);
    model.input.padding = integer(input, "padding", path);
    input.at("flip").get_to(model.input.flip);
    input.at("mean").get_to(model.input.mean);
    input.at("std").get_to(model.input.std);
    parse_value(metadata, "class_names", path).get_to(model.class_names);
  } catch (const json::exception& error) {
    throw DataError(path + ": metadata on input or classes is damaged: " + error.what());
  }
  check(model.input, path);
  return model;
}

}  // namespace tern
