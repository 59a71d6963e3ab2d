#include "tern/layers/module.h"

#include <utility>

namespace tern {

Value Module::trace(GraphBuilder&, Value) const {
  const std::string name = path();
  throw TraceError(
      fmt::format("{}: this module cannot be described by a graph, which summaries, merging, model files and "
                  "exports need; "
                  "override Module::trace in its class",
                  name.empty() ? "the network" : name));
}

graph::Graph trace_graph(const Module& network, const Shape& image) {
  GraphBuilder builder;
  const Value images = builder.input(image);
  return std::move(builder).finish(network.trace(builder, images));
}

}  // namespace tern
