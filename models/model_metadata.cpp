#include "models/model_metadata.h"

#include <nlohmann/json.hpp>

#include "core/error.h"

namespace tern {
namespace {

using nlohmann::json;

json parse_value(const Metadata& metadata, const std::string& key, const std::string& path) {
  const auto found = metadata.find(key);
  require<DataError>(found != metadata.end(),
                     "{}: metadata \"{}\" is missing; was the file written by tern-train?", path, key);
  return json::parse(found->second);
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
    input.at("size").get_to(model.input.size);
    input.at("resize").get_to(model.input.resize);
    input.at("interpolation").get_to(model.input.interpolation);
    input.at("crop").get_to(model.input.crop);
    input.at("padding").get_to(model.input.padding);
    input.at("flip").get_to(model.input.flip);
    input.at("mean").get_to(model.input.mean);
    input.at("std").get_to(model.input.std);
    parse_value(metadata, "class_names", path).get_to(model.class_names);
  } catch (const json::exception& error) {
    throw DataError(path + ": metadata on input or classes is damaged: " + error.what());
  }
  require<DataError>(model.input.mean.size() == 3 && model.input.std.size() == 3,
                     "{}: metadata on the input needs three means and three standard deviations", path);
  return model;
}

}  // namespace tern
