#include "tern/layers/pooling.h"

namespace tern {
namespace {

Shape describe_pool(const char* kind, const std::string& path, const Shape& x,
                    const kernels::PoolWindow& window, Description& description) {
  const Shape y = kernels::pooled_shape(kind, x, window);
  description.add({path, kind, y});
  return y;
}

}  // namespace

Variable MaxPool2d::forward(const Variable& x) {
  return max_pool2d(x, window_);
}

Shape MaxPool2d::describe(const Shape& x, Description& description) const {
  return describe_pool("max_pool2d", path(), x, window_, description);
}

Variable AvgPool2d::forward(const Variable& x) {
  return avg_pool2d(x, window_);
}

Shape AvgPool2d::describe(const Shape& x, Description& description) const {
  return describe_pool("avg_pool2d", path(), x, window_, description);
}

Variable GlobalAvgPool2d::forward(const Variable& x) {
  return global_avg_pool2d(x);
}

Shape GlobalAvgPool2d::describe(const Shape& x, Description& description) const {
  const Shape y{x[0], x[3]};
  description.add({path(), "global_avg_pool2d", y});
  return y;
}

}  // namespace tern
