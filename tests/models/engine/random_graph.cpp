#include "tests/models/engine/random_graph.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tern/layers/graph/builder.h"

namespace tern::test {
namespace {

using graph::Window;

class RandomGraph {
 public:
  explicit RandomGraph(std::uint32_t seed) : random_(seed) {}

  graph::Graph make() {
    const std::int64_t channels = pick({1, 3, 17, 64, 65});
    add(graph_.input({between(6, 13), between(6, 13), channels}), false);
    const int operators = static_cast<int>(between(6, 12));
    for (int i = 0; i < operators; ++i) grow();
    return finish();
  }

 private:
  struct Grown {
    Value value;
    bool used;
  };

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random_() % static_cast<std::uint32_t>(high - low + 1));
  }
  std::int64_t pick(const std::vector<std::int64_t>& from) {
    return from[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(from.size()) - 1))];
  }
  bool maybe() { return random_() % 2 == 0; }
  std::string name(const char* kind) { return kind + std::to_string(names_++); }

  // Of every third ternary operator, more or less.
  WeightLevels levels() const { return names_ % 3 == 0 ? WeightLevels::four : WeightLevels::three; }

  Value add(Value value, bool used) {
    values_.push_back({value, used});
    return value;
  }

  // Of the last few values, so that graphs are deep and branch now and then.
  Value any() {
    const auto count = static_cast<std::int64_t>(values_.size());
    Grown& grown =
        values_[static_cast<std::size_t>(between(std::max<std::int64_t>(0, count - 3), count - 1))];
    grown.used = true;
    return grown.value;
  }

  // One that fits x, pools among them if `pool`.
  Window window(Value x, bool pool) {
    const Shape& shape = graph_.shape(x);
    const auto size = [&](std::int64_t extent) { return std::min(extent, pick({1, 2, 3, 3, 5})); };
    Window w{size(shape[0]), size(shape[1]), between(1, 3), between(1, 3), 0, 0};
    w.padding_height = between(0, pool ? w.height / 2 : 2);
    w.padding_width = between(0, pool ? w.width / 2 : 2);
    if (!pool && shape[2] == 3 && w.height == w.width) w.stride_width = 3, w.stride_height = 2;  // no stem
    return w;
  }

  Value activation(Value x) {
    if (maybe()) x = graph_.batch_norm(name("norm"), x);
    switch (between(0, 2)) {
      case 0:
        return graph_.ternary_activation(name("ternary"), x);
      case 1:
        return graph_.threshold_activation(name("threshold"), x);
      default:
        return graph_.binary_activation(name("binary"), x);
    }
  }

  // What may follow a product, fused or not.
  Value followed(Value x) {
    if (maybe()) x = graph_.batch_norm(name("norm"), x);
    for (Grown& other : values_) {
      if (!maybe() || graph_.shape(other.value) != graph_.shape(x)) continue;
      other.used = true;
      x = maybe() ? graph_.add(name("add"), x, other.value) : graph_.add(name("add"), other.value, x);
      break;
    }
    if (maybe()) x = maybe() ? graph_.prelu(name("prelu"), x) : graph_.rprelu(name("rprelu"), x);
    return x;
  }

  void grow() {
    const Value x = any();
    switch (between(0, 9)) {
      case 0:
        add(followed(graph_.conv2d(name("conv"), x, pick({1, 5, 33, 64}), window(x, false), maybe())), false);
        break;
      case 1:
        add(graph_.max_pool2d(name("max"), x, window(x, true)), false);
        break;
      case 2:
        add(graph_.avg_pool2d(name("mean"), x, window(x, true)), false);
        break;
      case 3:
        add(graph_.pad_channels(name("pad"), x, graph_.shape(x)[2] + between(0, 40)), false);
        break;
      case 4:
        add(maybe() ? graph_.relu(name("relu"), x) : graph_.hardtanh(name("hardtanh"), x), false);
        break;
      default:
        grow_ternary(x);
    }
  }

  void grow_ternary(Value x) {
    const Value bits = activation(x);
    if (between(0, 5) == 0) add(bits, false);  // as floats, too
    const int readers = between(0, 3) == 0 ? 2 : 1;
    for (int i = 0; i < readers; ++i) {
      const Value y = graph_.ternary_conv2d(name("tconv"), bits, pick({1, 8, 17, 64, 65, 130}),
                                            window(bits, false), maybe(), levels());
      add(followed(y), false);
    }
  }

  // Every value that nothing reads becomes seven numbers, whose sum is the result.
  graph::Graph finish() {
    Value result;
    for (const Grown& grown : values_) {
      if (grown.used) continue;
      const Value part = classes(grown.value);
      result = result.node < 0 ? part : graph_.add(name("add"), result, part);
    }
    return std::move(graph_).finish(result);
  }

  Value classes(Value x) {
    if (maybe()) {
      const Value averages = graph_.global_avg_pool2d(name("average"), x);
      return graph_.linear(name("linear"), averages, 7, maybe());
    }
    // Bits through a flatten, before it or behind it, to many outputs and on to others.
    Value bits = maybe() ? graph_.flatten(name("flatten"), activation(x))
                         : activation(graph_.flatten(name("flatten"), x));
    bits = activation(
        followed(graph_.ternary_linear(name("tlinear"), bits, pick({7, 64, 300}), maybe(), levels())));
    return graph_.ternary_linear(name("tlinear"), bits, 7, maybe(), levels());
  }

  std::mt19937 random_;
  GraphBuilder graph_;
  std::vector<Grown> values_;
  int names_ = 0;
};

}  // namespace

graph::Graph random_graph(std::uint32_t seed) {
  return RandomGraph(seed).make();
}

}  // namespace tern::test
