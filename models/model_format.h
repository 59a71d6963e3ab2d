// What the metadata of a model file says about its kind; model_file.h describes the files.
#pragma once

#include <string>

#include "tern/core/safetensors_header.h"
#include "tern/layers/graph/graph.h"

namespace tern {

constexpr const char* kCheckpointFormat = "tern-checkpoint";
constexpr const char* kMergedFormat = "tern-merged";

/// The version of a file with this graph, the lowest that readers need: "3" with weights of four levels, else
/// "2".
const char* model_format_version(const graph::Graph& graph);

/// Throws DataError, saying what to do, unless `metadata` is that of a model of this version of Tern or of an
/// older one. Returns its format, one of the above.
std::string check_model_format(const Metadata& metadata, const std::string& path);

/// The graph of the merged network whose metadata these are, of any version. Throws DataError.
graph::Graph merged_graph(const Metadata& metadata, const std::string& path);

/// The value of `key`; throws DataError if there is none.
const std::string& required_metadata(const Metadata& metadata, const std::string& path,
                                     const std::string& key);

}  // namespace tern
