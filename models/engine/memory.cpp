#include "tern/models/engine/memory.h"

#include <algorithm>

#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern::engine {
namespace {

using graph::Node;
using graph::Operator;

// Kernels count values, and words, of a map with 32 bits.
constexpr double kMaxValues = 1 << 29;
// Of a packed activation: thresholds take memory for each, which no tensor of the file vouches for.
constexpr int kMaxPackedChannels = 1 << 20;

std::size_t index(int node) {
  return static_cast<std::size_t>(node);
}

PackedMap packed_map_of(const graph::Graph& graph, int activation) {
  const Node& node = graph.nodes[index(activation)];
  const ActivationMap map = map_of(node);
  std::int64_t border = 0;
  for (const Node& reader : graph.nodes) {
    if (reader.op != Operator::ternary_conv2d || reader.inputs[0] != activation) continue;
    border = std::max({border, reader.window.padding_height, reader.window.padding_width});
  }
  const double words = (2.0 * static_cast<double>(border) + map.height) *
                       (2.0 * static_cast<double>(border) + map.width) * (map.channels / 32.0 + 2);
  require<DataError>(words <= kMaxValues && map.channels <= kMaxPackedChannels,
                     "{}: {} with a border of {} is too large for the engine", node.name, node.output,
                     border);
  return {map.height, map.width, map.channels, static_cast<int>(border), 0};
}

/// Operations after which a value is not read any more.
class Lives {
 public:
  Lives(const graph::Graph& graph, const std::vector<Operation>& operations)
      : floats_(graph.nodes.size(), -1), packed_(graph.nodes.size(), -1) {
    for (std::size_t i = 0; i < operations.size(); ++i) {
      const int step = static_cast<int>(i);
      for (const int read : operations[i].reads) floats_[index(unflattened(graph, read))] = step;
      if (operations[i].packed_input >= 0) packed_[index(operations[i].packed_input)] = step;
    }
    floats_[index(unflattened(graph, graph.output))] = static_cast<int>(operations.size());
  }
  int floats(int node) const { return floats_[index(node)]; }
  int packed(int node) const { return packed_[index(node)]; }

 private:
  std::vector<int> floats_, packed_;
};

/// First fit among the places in use.
class FloatPlaces {
 public:
  std::size_t take(std::size_t bytes, int last) {
    bytes = ArenaLayout::aligned(bytes, 0);
    std::size_t offset = 0;
    auto place = places_.begin();
    for (; place != places_.end() && place->offset - offset < bytes; ++place) {
      offset = place->offset + place->bytes;
    }
    ArenaLayout::aligned(bytes, offset);
    places_.insert(place, {offset, bytes, last});
    size_ = std::max(size_, offset + bytes);
    return offset;
  }
  void prolong(std::size_t offset, int last) {
    for (Place& place : places_) {
      if (place.offset == offset) place.last = std::max(place.last, last);
    }
  }
  void release(int step) {
    std::erase_if(places_, [&](const Place& place) { return place.last <= step; });
  }
  std::size_t size() const { return size_; }

 private:
  struct Place {
    std::size_t offset, bytes;
    int last;
  };
  std::vector<Place> places_;  // in the order of their offsets
  std::size_t size_ = 0;
};

class PackedPlaces {
 public:
  explicit PackedPlaces(ArenaLayout& layout) : layout_(layout) {}

  std::size_t take(const PackedMap& map, int step, int last) {
    for (Place& place : places_) {
      if (place.last >= step || !place.map.same_geometry(map)) continue;
      place.last = last;
      return place.map.offset;
    }
    places_.push_back({map, last});
    return places_.back().map.offset = layout_.reserve(map.bytes());
  }

 private:
  struct Place {
    PackedMap map;
    int last;
  };
  ArenaLayout& layout_;
  std::vector<Place> places_;
};

bool in_place(const graph::Graph& graph, const Operation& operation) {
  if (operation.kind == Operation::Kind::ternary) return true;  // the shortcut
  if (operation.kind != Operation::Kind::alone) return false;
  switch (graph.nodes[index(operation.node)].op) {
    case Operator::batch_norm:
    case Operator::prelu:
    case Operator::rprelu:
    case Operator::relu:
    case Operator::hardtanh:
    case Operator::ternary_activation:
    case Operator::threshold_activation:
    case Operator::binary_activation:
    case Operator::add:
      return true;
    default:
      return false;
  }
}

class Layout {
 public:
  Layout(const graph::Graph& graph, const std::vector<Operation>& operations, ArenaLayout& layout)
      : graph_(graph), operations_(operations), lives_(graph, operations), layout_(layout), packed_(layout) {
    maps_.floats.resize(graph.nodes.size());
    maps_.packed.resize(graph.nodes.size());
  }

  Maps run() {
    for (std::size_t i = 0; i < operations_.size(); ++i) place(operations_[i], static_cast<int>(i));
    const std::size_t begin = layout_.reserve(floats_.size());
    for (ActivationMap& map : maps_.floats) map.offset += begin;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (graph_.nodes[i].op != Operator::flatten) continue;
      const std::size_t offset = maps_.floats[index(unflattened(graph_, static_cast<int>(i)))].offset;
      maps_.floats[i] = map_of(graph_.nodes[i]);
      maps_.floats[i].offset = offset;
    }
    return std::move(maps_);
  }

 private:
  void place(const Operation& operation, int step) {
    if (operation.packed_output >= 0) {
      PackedMap map = packed_map_of(graph_, operation.packed_output);
      map.offset = packed_.take(map, step, std::max(step, lives_.packed(operation.packed_output)));
      maps_.packed[index(operation.packed_output)] = map;
    }
    if (operation.result >= 0) place_result(operation, step);
    floats_.release(step);
  }

  void place_result(const Operation& operation, int step) {
    ActivationMap map = map_of(graph_.nodes[index(operation.result)]);
    const int last = std::max(step, lives_.floats(operation.result));
    for (const int read : operation.reads) {
      const int value = unflattened(graph_, read);
      if (!in_place(graph_, operation) || lives_.floats(value) != step) continue;
      map.offset = maps_.floats[index(value)].offset;
      floats_.prolong(map.offset, last);
      maps_.floats[index(operation.result)] = map;
      return;
    }
    map.offset = floats_.take(map.bytes(), last);
    maps_.floats[index(operation.result)] = map;
  }

  const graph::Graph& graph_;
  const std::vector<Operation>& operations_;
  Lives lives_;
  ArenaLayout& layout_;
  FloatPlaces floats_;
  PackedPlaces packed_;
  Maps maps_;
};

}  // namespace

ActivationMap map_of(const Node& node) {
  const Shape& shape = node.output;
  require<DataError>(static_cast<double>(shape.numel()) <= kMaxValues, "{}: {} is too large for the engine",
                     node.name, shape);
  const auto extent = [&](int i) { return static_cast<int>(shape[i]); };
  if (shape.rank() == 1) return {1, 1, extent(0), 0};
  return {extent(0), extent(1), extent(2), 0};
}

Maps lay_out(const graph::Graph& graph, const std::vector<Operation>& operations, ArenaLayout& layout) {
  return Layout(graph, operations, layout).run();
}

}  // namespace tern::engine
