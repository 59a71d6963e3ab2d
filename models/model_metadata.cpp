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
  check_between("resize", input.resize, 0, 8192);
  check_between("padding", input.padding, 0, 1024);
  check_name("interpolation", input.interpolation, {"bicubic", "bilinear"});
  check_name("crop", input.crop, {"none", "center", "random", "random_resized"});
  require<DataError>(input.mean.size() == 3 && input.std.size() == 3,
                     "{}: metadata \"input\": {} means and {} standard deviations; expected three of each",
                     path, input.mean.size(), input.std.size());
  for (std::size_t c = 0; c < 3; ++c) {
    // They become floats.
    const auto mean = static_cast<float>(input.mean[c]), std = static_cast<float>(input.std[c]);
    require<DataError>(
        std::isfinite(mean) && std::isfinite(std) && std::isfinite(1 / std) && std > 0,
        "{}: metadata \"input\": mean {} and std {} of channel {} must be finite, and std above 0", path,
        input.mean[c], input.std[c], c);
  }
}

}  // namespace

void add_to(Metadata& metadata, const ModelMetadata& model) {
  const InputSection& input = model.input;
  metadata["input"] =
      json{{"size", input.size}, {"resize", input.resize},   {"interpolation", input.interpolation},
           {"crop", input.crop}, {"padding", input.padding}, {"flip", input.flip},
           {"mean", input.mean}, {"std", input.std}}
          .dump();
  metadata["class_names"] = json(model.class_names).dump();
}

ModelMetadata read_model_metadata(const Metadata& metadata, const std::string& path) {
  ModelMetadata model;
  try {
    const json input = parse_value(metadata, "input", path);
    model.input.size = integer(input, "size", path);
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
