#pragma once

#include <cstdint>

#include "tern/layers/graph/graph.h"

namespace tern::test {

/// A merged graph of about twenty operators of all kinds, with rectangular windows, values that several nodes
/// read, and everything led to seven classes in the end. No convolution that the engine's stem takes.
graph::Graph random_graph(std::uint32_t seed);

}  // namespace tern::test
