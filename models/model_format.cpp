#include "tern/models/model_format.h"

#include "tern/core/error.h"
#include "tern/layers/graph/json.h"
#include "tern/models/formats/version1.h"

namespace tern {
namespace {

constexpr const char *kFirstVersion = "1", *kSecondVersion = "2", *kFourLevelsVersion = "3";

}  // namespace

const char* model_format_version(const graph::Graph& graph) {
  return has_four_levels(graph) ? kFourLevelsVersion : kSecondVersion;
}

std::string check_model_format(const Metadata& metadata, const std::string& path) {
  const auto format = metadata.find("format");
  require<DataError>(
      format != metadata.end() && (format->second == kCheckpointFormat || format->second == kMergedFormat),
      "{}: not a model of Tern: metadata \"format\" is {}; tern-train and tern-merge write models; a state "
      "dict of PyTorch becomes one by tern-import, and can be a teacher if training.teacher_model names its "
      "network",
      path, format == metadata.end() ? "missing" : "\"" + format->second + "\"");
  const std::string& version = required_metadata(metadata, path, "format_version");
  require<DataError>(version == kFirstVersion || version == kSecondVersion || version == kFourLevelsVersion,
                     "{}: format version {} is not {}, {} or {}; written by a newer version of Tern", path,
                     version, kFirstVersion, kSecondVersion, kFourLevelsVersion);
  return format->second;
}

graph::Graph merged_graph(const Metadata& metadata, const std::string& path) {
  const bool first = required_metadata(metadata, path, "format_version") == kFirstVersion;
  const char* const key = first ? "model" : "graph";
  const std::string& text = required_metadata(metadata, path, key);
  try {
    graph::Graph graph = first ? graph_of_version_1(text) : graph::parse_graph(text);
    for (const graph::Node& node : graph.nodes) {
      require<DataError>(node.method.empty(), "{}: its weights are those of the method {}, not merged ones",
                         node.name, node.method);
    }
    return graph;
  } catch (const Error& error) {
    throw DataError(fmt::format("{}: metadata \"{}\": {}", path, key, error.what()));
  }
}

const std::string& required_metadata(const Metadata& metadata, const std::string& path,
                                     const std::string& key) {
  const auto found = metadata.find(key);
  require<DataError>(found != metadata.end(), "{}: metadata \"{}\" is missing", path, key);
  return found->second;
}

}  // namespace tern
