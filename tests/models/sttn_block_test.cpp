#include "tern/models/sttn_block.h"

#include "tern/layers/functions/add.h"
#include "tern/layers/functions/max_pool2d.h"
#include "tern/layers/functions/pad_channels.h"
#include "tern/layers/functions/prelu.h"
#include "tern/layers/functions/ternary_activation.h"
#include "tern/layers/ternary/sttn.h"
#include "tern/models/initialise.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

std::unique_ptr<SttnBlock> make_block(Device device) {
  auto block = std::make_unique<SttnBlock>(8, 12, 2, [](const Conv2dOptions& options) {
    return std::make_unique<TernaryConv2d>(options, sttn());
  });
  initialise(*block, {}, 3);
  block->to(device);
  return block;
}

template <class M>
M& child(Module& block, const std::string& path) {
  M* found = nullptr;
  block.visit([&](const std::string& name, ParameterContainer& module) {
    if (name == path && found == nullptr) found = dynamic_cast<M*>(&module);
  });
  REQUIRE(found != nullptr);
  return *found;
}

// The block from the plain layers and functions, without the fused ones.
Variable half(Module& block, const std::string& number, const Variable& x, const Variable& shortcut) {
  Variable y = child<BatchNorm2d>(block, "bn" + number).forward(x);
  y = child<TernaryConv2d>(block, "conv" + number).forward(ternary_activation(y));
  y = child<BatchNorm2d>(block, "bn_add" + number).forward(y);
  return prelu(add(y, shortcut), child<PReLU>(block, "prelu" + number).slope());
}

Variable plain_forward(Module& block, const Variable& x) {
  const Variable middle = half(block, "1", x, pad_channels(max_pool2d(x, {2, 2}), 12));
  return half(block, "2", middle, middle);
}

double largest_difference(const Tensor& a, const Tensor& b) {
  double largest = 0;
  const std::vector<float> x = a.to_vector<float>(), y = b.to_vector<float>();
  REQUIRE(x.size() == y.size());
  for (std::size_t i = 0; i < x.size(); ++i) largest = std::max(largest, double{std::abs(x[i] - y[i])});
  return largest;
}

}  // namespace

TEST_CASE("sttn block: fused and plain functions give the same output and gradients") {
  const Device device = test::each_device();
  const auto fused = make_block(device), plain = make_block(device);
  const Tensor images = test::random_tensor({4, 8, 8, 8}, 1, -2, 2).to(device);
  const Tensor dy = test::random_tensor({4, 4, 4, 12}, 2).to(device);
  const Variable x(images, true), x_plain(images, true);
  const Variable y = fused->forward(x), y_plain = plain_forward(*plain, x_plain);
  // Values of order one; the two orders of scaling and normalising differ by a few roundings of 6e-8 each,
  // and the gradients by sums over up to 128 rows of such differences.
  CHECK(largest_difference(y.value(), y_plain.value()) < 5e-6);
  y.backward(dy.clone());
  y_plain.backward(dy.clone());
  CHECK(largest_difference(x.grad(), x_plain.grad()) < 5e-5);
  const auto a = fused->named_parameters(), b = plain->named_parameters();
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO(a[i].first);
    const Tensor& expected = b[i].second.grad();
    double scale = 1;
    for (const float g : expected.to_vector<float>())
      scale = std::max(scale, static_cast<double>(std::abs(g)));
    CHECK(largest_difference(a[i].second.grad(), expected) < 5e-5 * scale);
  }
}
