#include "tern/layers/pooling.h"

namespace tern {
namespace {

graph::Window window_of(const kernels::PoolWindow& window) {
  return graph::Window::square(window.size, window.stride, window.padding);
}

}  // namespace

Variable MaxPool2d::forward(const Variable& x) {
  return max_pool2d(x, window_);
}

Value MaxPool2d::trace(GraphBuilder& graph, Value x) const {
  return graph.max_pool2d(path(), x, window_of(window_));
}

Variable AvgPool2d::forward(const Variable& x) {
  return avg_pool2d(x, window_);
}

Value AvgPool2d::trace(GraphBuilder& graph, Value x) const {
  return graph.avg_pool2d(path(), x, window_of(window_));
}

Variable GlobalAvgPool2d::forward(const Variable& x) {
  return global_avg_pool2d(x);
}

Value GlobalAvgPool2d::trace(GraphBuilder& graph, Value x) const {
  return graph.global_avg_pool2d(path(), x);
}

}  // namespace tern
