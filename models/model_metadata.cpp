#include "tern/models/model_metadata.h"

#include <nlohmann/json.hpp>

#include "tern/core/c_locale.h"
#include "tern/core/error.h"

namespace tern {
namespace {

using nlohmann::json;

json parse_value(const Metadata& metadata, const std::string& key, const std::string& path) {
  const auto found = metadata.find(key);
  require<DataError>(found != metadata.end(),
                     "{}: metadata \"{}\" is missing; was the file written by tern-train?", path, key);
  const CLocale locale;
  return json::parse(found->second);
}

// A number such as 1e30 would be converted without a check.
std::int64_t integer(const json& input, const char* key, const std::string& path) {
  const json& value = input.at(key);
  require<DataError>(value.is_number_integer(), "{}: metadata \"input\": {}: expected an integer, got {}",
                     path, key, value.is_primitive() ? value.dump() : value.type_name());
  return value.get<std::int64_t>();
}

}  // namespace

void add_to(Metadata& metadata, const ModelMetadata& model) {
  const InputSection& input = model.input;
  json section = {{"resize", input.resize}, {"interpolation", input.interpolation},
                  {"crop", input.crop},     {"padding", input.padding},
                  {"flip", input.flip},     {"mean", input.mean},
                  {"std", input.std}};
  if (const Shape image = input.image(); image[0] == image[1]) {
    section["size"] = image[0];
  } else {
    section["height"] = image[0];
    section["width"] = image[1];
  }
  // Files of before there was a choice lack these.
  if (input.channels != 3) section["channels"] = input.channels;
  if (!input.exif_orientation) section["exif_orientation"] = false;
  if (input.background != InputSection{}.background) section["background"] = input.background;
  metadata["input"] = section.dump();
  metadata["class_names"] = json(model.class_names).dump();
}

ModelMetadata read_model_metadata(const Metadata& metadata, const std::string& path) {
  ModelMetadata model;
  try {
    const json input = parse_value(metadata, "input", path);
    if (input.contains("height") || input.contains("width")) {
      model.input.height = integer(input, "height", path);
      model.input.width = integer(input, "width", path);
      require<DataError>(model.input.height > 0 && model.input.width > 0,
                         "{}: metadata \"input\": height and width: expected 1 or more, got {} and {}", path,
                         model.input.height, model.input.width);
    } else {
      model.input.size = integer(input, "size", path);
    }
    if (input.contains("channels")) model.input.channels = integer(input, "channels", path);
    model.input.resize = integer(input, "resize", path);
    input.at("interpolation").get_to(model.input.interpolation);
    input.at("crop").get_to(model.input.crop);
    model.input.padding = integer(input, "padding", path);
    input.at("flip").get_to(model.input.flip);
    input.at("mean").get_to(model.input.mean);
    input.at("std").get_to(model.input.std);
    if (input.contains("exif_orientation")) input["exif_orientation"].get_to(model.input.exif_orientation);
    if (input.contains("background")) input["background"].get_to(model.input.background);
    parse_value(metadata, "class_names", path).get_to(model.class_names);
  } catch (const json::exception& error) {
    throw DataError(path + ": metadata on input or classes is damaged: " + error.what());
  }
  const std::string problem = input_problem(model.input);
  require<DataError>(problem.empty(), "{}: metadata \"input\": {}", path, problem);
  return model;
}

}  // namespace tern
