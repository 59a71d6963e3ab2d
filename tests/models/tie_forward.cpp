#include "tests/models/tie_forward.h"

#include <algorithm>
#include <cmath>

#include "tern/kernels/max_pool2d.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/pad_channels.h"
#include "tern/layers/ternary/ternary_conv2d.h"
#include "tern/models/sttn_block.h"
#include "tests/support/catch.h"

namespace tern::test {
namespace {

// A pixel of the pool is prelu(batch norm + shortcut), terms of order one, which the official code rounds to
// 2^-24 of their size each: what is nearer than four times 2^-23 may come out in any order there.
bool is_tied(float value, float maximum) {
  return maximum - value <= 4 * 0x1p-23F * std::max(1.0F, std::abs(maximum));
}

// The pixels of the windows of a pool without padding.
class Windows {
 public:
  Windows(const Tensor& x, const Tensor& y, const kernels::PoolWindow& pool) : x_(x), y_(y), pool_(pool) {}

  bool ties(std::int64_t window, std::int64_t position) const {
    return is_tied(value(window, position), y_.data<float>()[window]);
  }

 private:
  float value(std::int64_t window, std::int64_t position) const {
    const std::int64_t channels = y_.dim(3), c = window % channels;
    const std::int64_t ow = window / channels % y_.dim(2);
    const std::int64_t oh = window / channels / y_.dim(2) % y_.dim(1);
    const std::int64_t n = window / channels / y_.dim(2) / y_.dim(1);
    const std::int64_t h = oh * pool_.stride + position / pool_.size;
    const std::int64_t w = ow * pool_.stride + position % pool_.size;
    return x_.data<float>()[((n * x_.dim(1) + h) * x_.dim(2) + w) * channels + c];
  }

  const Tensor& x_;
  const Tensor& y_;
  kernels::PoolWindow pool_;
};

Variable max_pool_with_ties(const Variable& x, const kernels::PoolWindow& pool, const std::string& block,
                            const Ties& chosen, Ties* found) {
  kernels::MaxPool2dResult pooled = kernels::max_pool2d(x.value(), pool);
  const Tensor host_x = x.value().to(Device{}), host_y = pooled.y.to(Device{});
  const Windows windows(host_x, host_y, pool);
  std::vector<std::uint8_t> argmax = pooled.argmax.to_vector<std::uint8_t>();
  for (std::int64_t i = 0; found != nullptr && i < pooled.y.numel(); ++i) {
    for (std::uint8_t position = 0; position < pool.size * pool.size; ++position) {
      if (position != argmax[static_cast<std::size_t>(i)] && windows.ties(i, position))
        found->push_back({block, i, position});
    }
  }
  for (const Tie& tie : chosen) {
    if (tie.block == block && windows.ties(tie.window, tie.position)) {
      argmax[static_cast<std::size_t>(tie.window)] = tie.position;
    }
  }
  pooled.argmax.copy_from(Tensor::from(pooled.argmax.shape(), argmax));
  return Tape::record("max_pool_with_ties", pooled.y, {x}, {{SavedKind::index, pooled.argmax}},
                      [images = x.shape(), pool](const Tensor& dy, const Saved& saved) {
                        return std::vector<Tensor>{kernels::max_pool2d_backward(dy, saved[0], images, pool)};
                      });
}

}  // namespace

TieForward::TieForward(Module& network) {
  network.visit(
      [this](const std::string& path, ParameterContainer& module) { modules_.emplace(path, &module); });
}

template <class M>
M& TieForward::child(const std::string& path) const {
  INFO("module " << path);
  const auto found = modules_.find(path);
  REQUIRE(found != modules_.end());
  M* module = dynamic_cast<M*>(found->second);
  REQUIRE(module != nullptr);
  return *module;
}

Variable TieForward::operator()(const Variable& images, const Ties& chosen, Ties* found) const {
  Variable x = images;
  for (int i = 0; modules_.count("features." + std::to_string(i)) != 0; ++i) {
    const std::string path = "features." + std::to_string(i);
    Module& module = child<Module>(path);
    const bool is_block = dynamic_cast<SttnBlock*>(&module) != nullptr;
    x = is_block ? block(path, x, chosen, found) : module.forward(x);
  }
  return child<Module>("fc").forward(child<Module>("avgpool").forward(x));
}

// The same functions as SttnBlock::forward, but for the pool.
Variable TieForward::block(const std::string& path, const Variable& x, const Ties& chosen,
                           Ties* found) const {
  const Conv2dOptions& options = child<TernaryConv2d>(path + ".conv1").options();
  Variable shortcut = x;
  if (options.stride > 1) {
    shortcut = max_pool_with_ties(shortcut, {2, options.stride}, path, chosen, found);
  }
  if (options.out_channels != options.in_channels) shortcut = pad_channels(shortcut, options.out_channels);
  const Variable middle = half(path, "1", x, shortcut);
  return half(path, "2", middle, middle);
}

Variable TieForward::half(const std::string& path, const std::string& number, const Variable& x,
                          const Variable& shortcut) const {
  auto& conv = child<TernaryConv2d>(path + ".conv" + number);
  auto& bn = child<BatchNorm2d>(path + ".bn" + number);
  auto& bn_add = child<BatchNorm2d>(path + ".bn_add" + number);
  const TernaryConv2d::Integer integer = conv.integer_forward(batch_norm_ternary(x, bn.arguments()), true);
  return scale_batch_norm_add_prelu(integer.z, integer.scale.value(), bn_add.arguments(conv.bias_value()),
                                    shortcut, child<PReLU>(path + ".prelu" + number).slope());
}

}  // namespace tern::test
