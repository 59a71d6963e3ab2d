// A merged graph with random weights, its file, and its values by double loops: what the engine's plans are
// tested against.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tern/layers/graph/graph.h"

namespace tern::test {

/// By the names of parameters, in Tern's layout; ternary weights as -1, 0, 1.
using Parameters = std::map<std::string, std::vector<float>>;

Parameters random_parameters(const graph::Graph& graph, std::uint32_t seed);

/// A merged model of format version 2, without class names and input.
std::string file_of(const graph::Graph& graph, const Parameters& parameters);

/// The values of all nodes for one image. Sums have the order that models/engine/steps state, and every
/// operation is rounded to float, so that they are the engine's to the bit, but for its stem.
std::vector<std::vector<float>> naive_values(const graph::Graph& graph, const Parameters& parameters,
                                             const std::vector<float>& image);

}  // namespace tern::test
