#include "tern/layers/functions/conv2d_batch_norm_prelu.h"

#include "tern/kernels/cast.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/max_pool2d.h"
#include "tern/layers/functions/prelu.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

// A stem and its own copies of everything that it updates or that gets a gradient.
struct Stem {
  Variable x, w, slope;
  BatchNormArguments norm;

  Stem(Device device, bool training, bool image_gradient, DType dtype = DType::f32)
      : x(kernels::cast(test::random_tensor({2, 9, 8, 3}, 1), dtype).to(device), image_gradient),
        w(test::random_tensor({5, 3, 3, 3}, 2).to(device), true),
        slope(test::random_tensor({5}, 3).to(device), true) {
    norm.gamma = Variable(test::random_tensor({5}, 4, 0.5F, 1.5F).to(device), true);
    norm.beta = Variable(test::random_tensor({5}, 5).to(device), true);
    norm.running.mean = test::random_tensor({5}, 6).to(device);
    norm.running.variance = test::random_tensor({5}, 7, 0.5F, 1.5F).to(device);
    norm.training = training;
  }

  Variable fused() const { return conv2d_batch_norm_prelu(x, w, {2, 1}, norm, slope); }
  Variable plain() const { return prelu(batch_norm(conv2d(x, w, Variable(), {2, 1}), norm), slope); }
};

}  // namespace

TEST_CASE("conv2d_batch_norm_prelu: equals its parts to the bit, with all gradients and running statistics") {
  const Device device = test::each_device();
  const DType dtype = GENERATE(DType::f32, DType::bf16);
  for (const bool training : {true, false}) {
    for (const bool image_gradient : {true, false}) {
      INFO(to_string(dtype) << ", training " << training << ", gradient of the image " << image_gradient);
      const Stem a(device, training, image_gradient, dtype), b(device, training, image_gradient, dtype);
      const Variable y = a.fused(), expected = b.plain();
      CHECK(test::bit_difference(y.value(), expected.value()) == "");
      CHECK(test::bit_difference(a.norm.running.mean, b.norm.running.mean) == "");
      CHECK(test::bit_difference(a.norm.running.variance, b.norm.running.variance) == "");
      CHECK(y.value().dtype() == dtype);
      const Tensor dy = kernels::cast(test::random_tensor(y.shape(), 8), dtype).to(device);
      y.backward(dy.clone());
      expected.backward(dy.clone());
      CHECK(test::bit_difference(a.w.grad(), b.w.grad()) == "");
      CHECK(test::bit_difference(a.slope.grad(), b.slope.grad()) == "");
      CHECK(test::bit_difference(a.norm.gamma.grad(), b.norm.gamma.grad()) == "");
      CHECK(test::bit_difference(a.norm.beta.grad(), b.norm.beta.grad()) == "");
      CHECK(a.x.grad().defined() == image_gradient);
      if (image_gradient) CHECK(test::bit_difference(a.x.grad(), b.x.grad()) == "");
      // Recomputing for the backward pass is no second batch for the running statistics.
      CHECK(test::bit_difference(a.norm.running.mean, b.norm.running.mean) == "");
    }
  }
}

TEST_CASE("conv2d_batch_norm_prelu: with a max pool it equals its parts to the bit, with its statistics") {
  const Device device = test::each_device();
  const DType dtype = GENERATE(DType::f32, DType::bf16);
  constexpr kernels::PoolWindow kWindow{3, 2, 1};
  for (const bool training : {true, false}) {
    INFO(to_string(dtype) << ", training " << training);
    const Stem a(device, training, true, dtype), b(device, training, true, dtype);
    const Variable y = conv2d_batch_norm_prelu_max_pool2d(a.x, a.w, {2, 1}, a.norm, a.slope, kWindow);
    const Variable expected = max_pool2d(b.fused(), kWindow);
    CHECK(test::bit_difference(y.value(), expected.value()) == "");
    CHECK(Tape::statistics(y).mean.defined() == training);
    CHECK(Tape::saved_bytes(y) ==
          std::map<SavedKind, std::size_t>{{SavedKind::activation, a.x.value().nbytes()},
                                           {SavedKind::index, static_cast<std::size_t>(y.value().numel())}});
    const Tensor dy = kernels::cast(test::random_tensor(y.shape(), 8), dtype).to(device);
    y.backward(dy.clone());
    expected.backward(dy.clone());
    CHECK(test::bit_difference(a.w.grad(), b.w.grad()) == "");
    CHECK(test::bit_difference(a.x.grad(), b.x.grad()) == "");
    CHECK(test::bit_difference(a.slope.grad(), b.slope.grad()) == "");
    CHECK(test::bit_difference(a.norm.gamma.grad(), b.norm.gamma.grad()) == "");
    CHECK(test::bit_difference(a.norm.beta.grad(), b.norm.beta.grad()) == "");
  }
}

TEST_CASE("conv2d_batch_norm_prelu: keeps nothing but the image") {
  const Stem stem(test::each_device(), true, false);
  CHECK(Tape::saved_bytes(stem.fused()) ==
        std::map<SavedKind, std::size_t>{{SavedKind::input, stem.x.value().nbytes()}});
}
