#include "tern/models/feed_forward.h"

#include <utility>

#include "tern/kernels/precision.h"
#include "tern/layers/activations.h"
#include "tern/layers/batch_norm2d.h"
#include "tern/layers/flatten.h"
#include "tern/layers/functions/cast.h"
#include "tern/layers/linear.h"
#include "tern/layers/pooling.h"

namespace tern {
namespace {

std::int64_t steps(std::int64_t length, std::int64_t window, int stride, int padding) {
  return (length + 2 * padding - window) / stride + 1;
}

}  // namespace

FeedForward::FeedForward(const Shape& image, TernaryOptions options)
    : options_(std::move(options)), shape_(image) {}

Variable FeedForward::forward(const Variable& x) {
  return Sequential::forward(cast(x, kernels::activation_dtype()));
}

void FeedForward::add_convolution(const Convolution& convolution, std::optional<kernels::PoolWindow> pool) {
  const auto [filters, size, stride, padding] = convolution;
  const Conv2dOptions layer{shape_[2], filters, size, stride, padding, false};
  if (is_empty()) {
    add(std::make_unique<Conv2d>(layer));
  } else {
    add_activation(options_.ternary_activations());
    add(options_.convolution(layer));
  }
  shape_ = {steps(shape_[0], size, stride, padding), steps(shape_[1], size, stride, padding), filters};
  if (pool) {
    add(std::make_unique<MaxPool2d>(*pool));
    shape_ = {steps(shape_[0], pool->size, pool->stride, pool->padding),
              steps(shape_[1], pool->size, pool->stride, pool->padding), filters};
  }
  add(std::make_unique<BatchNorm2d>(filters));
}

void FeedForward::add_linear(std::int64_t outputs) {
  const bool first = is_empty();
  add_activation(options_.ternary_activations());
  flatten_images();
  if (first) {
    add(std::make_unique<Linear>(shape_[0], outputs));
  } else {
    add(options_.linear(shape_[0], outputs));
  }
  shape_ = {outputs};
  add(std::make_unique<BatchNorm2d>(outputs));
}

void FeedForward::add_classifier(std::int64_t classes) {
  add_activation(false);
  flatten_images();
  add(std::make_unique<Linear>(shape_[0], classes));
  shape_ = {classes};
}

void FeedForward::add_activation(bool ternary) {
  if (is_empty()) return;
  if (ternary) {
    add(activation_by_name(options_.activations, shape_[-1]));
  } else if (options_.ternary_activations()) {
    add(std::make_unique<Hardtanh>());
  } else {
    add(std::make_unique<ReLU>());
  }
}

void FeedForward::flatten_images() {
  if (shape_.rank() == 1) return;
  add(std::make_unique<Flatten>());
  shape_ = {shape_[0] * shape_[1] * shape_[2]};
}

}  // namespace tern
