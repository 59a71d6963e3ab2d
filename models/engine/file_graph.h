// From the metadata of a model file to its graph.
#pragma once

#include <string>

#include "tern/core/safetensors_header.h"
#include "tern/layers/graph/graph.h"

namespace tern::engine {

std::string checked_format(const Metadata& metadata, const std::string& path);
graph::Graph merged_graph(const Metadata& metadata, const std::string& path);
std::string stored_name(const graph::Node& node, const graph::Parameter& parameter);

}  // namespace tern::engine
