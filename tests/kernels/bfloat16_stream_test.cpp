// Operations on a bf16 stream compute as those on an f32 stream do and round once, where they store.
#include <functional>
#include <string>
#include <vector>

#include "tern/core/error.h"
#include "tern/kernels/add.h"
#include "tern/kernels/batch_norm_ternary.h"
#include "tern/kernels/global_avg_pool2d.h"
#include "tern/kernels/max_pool2d.h"
#include "tern/kernels/pad_channels.h"
#include "tern/kernels/prelu.h"
#include "tern/kernels/relu.h"
#include "tern/kernels/scale_batch_norm_add_prelu.h"
#include "tests/support/batch_norm_terms.h"
#include "tests/support/bfloat16.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

using kernels::BatchNormGradients;
using kernels::BatchNormTerms;
using kernels::TailGradients;
using test::random_tensor;
using Tensors = std::vector<Tensor>;

constexpr kernels::PoolWindow kWindow{3, 2, 1};  // overlapping: some pixels add up four gradients

struct Operation {
  std::string name;
  /// Of images x, dy and pooled_dy of one float dtype and of `terms`, all on one device.
  std::function<Tensors(const Tensor& x, const Tensor& dy, const Tensor& pooled_dy, const BatchNormTerms&)>
      run;
};

Tensors all(BatchNormGradients g) {
  return {g.dx, g.dgamma, g.dbeta};
}

Tensors all(const TailGradients& g) {
  return {g.batch_norm.dx, g.batch_norm.dgamma, g.batch_norm.dbeta, g.dshortcut, g.dslope};
}

const std::vector<Operation> operations{
    {"add", [](auto& x, auto& dy, auto&, auto&) -> Tensors { return {kernels::add(x, dy)}; }},
    {"accumulate",
     [](auto& x, auto& dy, auto&, auto&) -> Tensors {
       Tensor total = x.clone();
       kernels::accumulate(total, dy);
       return {total};
     }},
    {"relu",
     [](auto& x, auto& dy, auto&, auto&) -> Tensors {
       const Tensor y = kernels::relu(x);
       return {y, kernels::relu_backward(dy, y)};
     }},
    {"prelu",
     [](auto& x, auto& dy, auto&, auto& terms) -> Tensors {
       const kernels::PreluGradients g = kernels::prelu_backward(dy, x, terms.gamma);
       return {kernels::prelu(x, terms.gamma), g.dx, g.dslope};
     }},
    {"max_pool2d",
     [](auto& x, auto&, auto& dy, auto&) -> Tensors {
       const kernels::MaxPool2dResult pooled = kernels::max_pool2d(x, kWindow);
       return {pooled.y, pooled.argmax, kernels::max_pool2d_backward(dy, pooled.argmax, x.shape(), kWindow)};
     }},
    {"pad_channels",
     [](auto& x, auto&, auto&, auto&) -> Tensors {
       const std::int64_t channels = x.dim(3);
       return {kernels::pad_channels(x, channels + 5), kernels::pad_channels_backward(x, (channels + 1) / 2)};
     }},
    {"global_avg_pool2d",
     [](auto& x, auto&, auto&, auto&) -> Tensors {
       const Tensor y = kernels::global_avg_pool2d(x);
       return {y, kernels::global_avg_pool2d_backward(y, x.shape(), x.dtype())};
     }},
    {"channel_statistics",
     [](auto& x, auto&, auto&, auto&) -> Tensors {
       const kernels::ChannelStatistics statistics = kernels::channel_statistics(x);
       return {statistics.mean, statistics.variance};
     }},
    {"batch_norm",
     [](auto& x, auto&, auto&, auto& terms) -> Tensors { return {kernels::batch_norm(x, terms, "bn")}; }},
    {"batch_norm_backward",
     [](auto& x, auto& dy, auto&, auto& terms) {
       return all(kernels::batch_norm_backward(dy, x, terms, true));
     }},
    {"batch_norm_ternary",
     [](auto& x, auto&, auto&, auto& terms) -> Tensors {
       const kernels::TernaryActivations y = kernels::batch_norm_ternary(x, terms, "bn", true);
       return {y.values, y.packed.storage()};
     }},
    {"batch_norm_ternary_backward",
     [](auto& x, auto& dy, auto&, auto& terms) {
       return all(kernels::batch_norm_ternary_backward(dy, x, terms, true));
     }},
};

// `actual`, bf16 where it is stream and something else where not, is the rounded `exact`.
void check_rounded(const Tensor& actual, const Tensor& exact) {
  CHECK(test::bit_difference(actual, actual.dtype() == DType::bf16 ? test::rounded(exact) : exact) == "");
}

// The tail of a block with its fixed arguments. The stream and its gradient come from outside.
struct Tail {
  Tensor z, scale, slope;
  BatchNormTerms terms;

  Tail(std::int64_t rows, std::int64_t channels, bool wide, Device device)
      : z(test::random_integers({rows, channels}, 1, 5)),
        scale(random_tensor({channels}, 2, 0.2F, 1.5F).to(device)),
        slope(random_tensor({channels}, 3).to(device)),
        terms(test::to(test::random_terms(channels, 4), device)) {
    if (wide) z = test::converted<std::int32_t>(z);
    z = z.to(device);
  }

  Tensor forward(const Tensor& shortcut) const {
    return kernels::scale_batch_norm_add_prelu(z, scale, terms, shortcut, slope, "bn");
  }
  TailGradients backward(const Tensor& dy, const Tensor& shortcut) const {
    return kernels::scale_batch_norm_add_prelu_backward(dy, z, scale, terms, shortcut, slope, true);
  }
};

}  // namespace

TEST_CASE("bf16 stream: every operation gives what it gives for f32, rounded once") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {1, 3, 16, 33, 64, 130}) {
    const Tensor x = test::rounded(random_tensor({3, 7, 5, channels}, 1, -2.0F, 2.0F)),
                 dy = test::rounded(random_tensor(x.shape(), 2)),
                 pooled_dy =
                     test::rounded(random_tensor(kernels::pooled_shape("test", x.shape(), kWindow), 3));
    const BatchNormTerms terms = test::to(test::random_terms(channels, 4), device);
    for (const Operation& operation : operations) {
      INFO(operation.name << " of " << channels << " channels");
      const Tensors actual = operation.run(x.to(device), dy.to(device), pooled_dy.to(device), terms);
      const Tensors exact = operation.run(test::widened(x).to(device), test::widened(dy).to(device),
                                          test::widened(pooled_dy).to(device), terms);
      REQUIRE(actual.size() == exact.size());
      for (std::size_t i = 0; i < actual.size(); ++i) check_rounded(actual[i], exact[i]);
    }
  }
}

TEST_CASE("bf16 stream: scale_batch_norm_add_prelu rounds its result, and its gradients those of f32") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {1, 16, 33, 130}) {
    for (const bool wide : {false, true}) {
      INFO(channels << " channels, 32-bit integers: " << wide);
      const Tail tail(97, channels, wide, device);
      const Tensor shortcut = test::rounded(random_tensor({97, channels}, 5)),
                   dy = test::rounded(random_tensor({97, channels}, 6));
      const Tensor wide_shortcut = test::widened(shortcut).to(device);
      check_rounded(tail.forward(shortcut.to(device)), tail.forward(wide_shortcut));

      const TailGradients actual = tail.backward(dy.to(device), shortcut.to(device));
      const TailGradients exact = tail.backward(test::widened(dy).to(device), wide_shortcut);
      check_rounded(actual.dshortcut, exact.dshortcut);
      CHECK(test::bit_difference(actual.dslope, exact.dslope) == "");
      // The batch norm sees the gradient of the shortcut as it is stored: a PReLU of slope one hands it on.
      Tail open = tail;
      open.slope = Tensor::full({channels}, 1.0F).to(device);
      const TailGradients from_stored =
          open.backward(test::widened(actual.dshortcut).to(device), wide_shortcut);
      check_rounded(actual.batch_norm.dx, from_stored.batch_norm.dx);
      CHECK(test::bit_difference(actual.batch_norm.dgamma, from_stored.batch_norm.dgamma) == "");
      CHECK(test::bit_difference(actual.batch_norm.dbeta, from_stored.batch_norm.dbeta) == "");
    }
  }
}

TEST_CASE("bf16 stream: given equal terms, every device gives the same bits") {
  const Device device = test::each_device();
  const Tensor x = test::rounded(random_tensor({97, 33}, 7, -2.0F, 2.0F)),
               dy = test::rounded(random_tensor({97, 33}, 8));
  const BatchNormTerms terms = test::random_terms(33, 9), there = test::to(terms, device);
  const Tail here_tail(97, 33, false, {}), there_tail(97, 33, false, device);
  CHECK(test::bit_difference(kernels::add(x.to(device), dy.to(device)), kernels::add(x, dy)) == "");
  CHECK(test::bit_difference(kernels::batch_norm(x.to(device), there, "bn"),
                             kernels::batch_norm(x, terms, "bn")) == "");
  // With constant statistics dx is made element by element.
  CHECK(
      test::bit_difference(kernels::batch_norm_ternary_backward(dy.to(device), x.to(device), there, false).dx,
                           kernels::batch_norm_ternary_backward(dy, x, terms, false).dx) == "");
  CHECK(test::bit_difference(there_tail.forward(x.to(device)), here_tail.forward(x)) == "");
  CHECK(test::bit_difference(there_tail.backward(dy.to(device), x.to(device)).dshortcut,
                             here_tail.backward(dy, x).dshortcut) == "");
}

TEST_CASE("bf16 stream: a gradient of its own may be overwritten, one that others hold is not") {
  const Device device = test::each_device();
  const Tail tail(300, 9, false, device);
  const Tensor shortcut = test::rounded(random_tensor({300, 9}, 5)).to(device),
               dy = test::rounded(random_tensor({300, 9}, 6)).to(device), before = dy.clone();
  const Tensors shared = all(tail.backward(dy, shortcut));
  CHECK(test::bit_difference(dy, before) == "");
  Tensor own = dy.clone();
  const void* storage = own.raw();
  const TailGradients reused = kernels::scale_batch_norm_add_prelu_backward(
      std::move(own), tail.z, tail.scale, tail.terms, shortcut, tail.slope, true);
  CHECK(reused.dshortcut.raw() == storage);
  for (std::size_t i = 0; i < shared.size(); ++i) {
    CHECK(test::bit_difference(all(reused)[i], shared[i]) == "");
  }
}

TEST_CASE("bf16 stream: a NaN in it is an error that names the layer") {
  const Device device = test::each_device();
  Tensor x = random_tensor({97, 3}, 1);
  x.data<float>()[100] = std::nanf("");
  const Tensor spoilt = test::rounded(x).to(device);
  const BatchNormTerms terms = test::to(test::random_terms(3, 4), device);
  CHECK_THROWS_AS(kernels::batch_norm(spoilt, terms, "bn"), NumericError);
  CHECK_THROWS_AS(kernels::batch_norm_ternary(spoilt, terms, "bn", false), NumericError);
  CHECK_THROWS_WITH(Tail(97, 3, false, device).forward(spoilt), Catch::Contains("bn: "));
}

TEST_CASE("bf16 stream: operands of two precisions are refused") {
  const Tensor wide = Tensor::zeros({4, 3}), narrow = Tensor::zeros({4, 3}, DType::bf16);
  const BatchNormTerms terms = test::random_terms(3, 4);
  CHECK_THROWS_WITH(kernels::add(narrow, wide), "add: a is bf16 (4, 3) but b is f32 (4, 3)");
  CHECK_THROWS_AS(kernels::relu_backward(wide, narrow), ShapeError);
  CHECK_THROWS_AS(kernels::batch_norm_backward(wide, narrow, terms, true), ShapeError);
  CHECK_THROWS_WITH(Tail(4, 3, false, {}).backward(narrow, wide),
                    "scale_batch_norm_add_prelu_backward: dy is bf16 (4, 3) but shortcut is f32 (4, 3)");
}
