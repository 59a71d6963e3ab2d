// Operations that do the same few roundings per element on every device, in the same order: their results are
// equal to the bit.
#include <functional>
#include <string>
#include <vector>

#include "tern/kernels/adam_step.h"
#include "tern/kernels/add.h"
#include "tern/kernels/avg_pool2d.h"
#include "tern/kernels/distillation_loss.h"
#include "tern/kernels/full.h"
#include "tern/kernels/global_avg_pool2d.h"
#include "tern/kernels/hardtanh.h"
#include "tern/kernels/max_pool2d.h"
#include "tern/kernels/pad_channels.h"
#include "tern/kernels/prelu.h"
#include "tern/kernels/relu.h"
#include "tern/kernels/scale_channels.h"
#include "tern/kernels/sgd_step.h"
#include "tern/kernels/softmax_cross_entropy.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

using test::random_tensor;
using Results = std::vector<Tensor>;

struct Operation {
  std::string name;
  std::function<Results(Device)> run;
};

// 33 channels: no multiple of the 4 that go into one load, and more than a warp.
Tensor images(Device device, std::uint32_t seed, std::int64_t channels = 33) {
  return random_tensor({3, 7, 5, channels}, seed).to(device);
}

Results pool_gradients(Device device, const kernels::PoolWindow& window) {
  Results results;
  for (const std::int64_t channels : {33, 36}) {
    const Tensor x = images(device, 1, channels);
    const kernels::MaxPool2dResult pooled = kernels::max_pool2d(x, window);
    const Tensor dy = random_tensor(pooled.y.shape(), 2).to(device);
    results.insert(results.end(),
                   {pooled.y, kernels::max_pool2d_backward(dy, pooled.argmax, x.shape(), window),
                    kernels::avg_pool2d(x, window), kernels::avg_pool2d_backward(dy, x.shape(), window)});
  }
  return results;
}

std::vector<Operation> per_element() {
  return {
      {"add", [](Device d) { return Results{kernels::add(images(d, 1), images(d, 2))}; }},
      {"full",
       [](Device d) {
         return Results{kernels::full({3, 7, 5, 33}, 0.1F, d)};
       }},
      {"relu", [](Device d) { return Results{kernels::relu(images(d, 1))}; }},
      {"relu_backward", [](Device d) { return Results{kernels::relu_backward(images(d, 1), images(d, 2))}; }},
      {"hardtanh", [](Device d) { return Results{kernels::hardtanh(images(d, 1))}; }},
      {"hardtanh_backward",
       [](Device d) { return Results{kernels::hardtanh_backward(images(d, 1), images(d, 2))}; }},
      {"prelu", [](Device d) { return Results{kernels::prelu(images(d, 1), random_tensor({33}, 2).to(d))}; }},
      {"prelu_backward",
       [](Device d) {
         const Tensor slope = random_tensor({33}, 3).to(d);
         return Results{kernels::prelu_backward(images(d, 1), images(d, 2), slope).dx};
       }},
      {"scale_channels",
       [](Device d) {
         const Tensor scale = random_tensor({33}, 2).to(d), bias = random_tensor({33}, 3).to(d);
         return Results{kernels::scale_channels(images(d, 1), scale, bias)};
       }},
      {"pad_channels",
       [](Device d) {
         return Results{kernels::pad_channels(images(d, 1), 50),
                        kernels::pad_channels_backward(images(d, 1), 20)};
       }},
  };
}

std::vector<Operation> pools_and_losses() {
  return {
      {"global_avg_pool2d",
       [](Device d) {
         const Tensor dy = random_tensor({3, 33}, 2).to(d);
         return Results{kernels::global_avg_pool2d(images(d, 1)),
                        kernels::global_avg_pool2d_backward(dy, images(d, 1).shape(), DType::f32)};
       }},
      {"pools 2x2/2",
       [](Device d) {
         return pool_gradients(d, {2, 2});
       }},
      {"pools 3x3/2, padded",
       [](Device d) {
         return pool_gradients(d, {3, 2, 1});
       }},
      {"pools 3x3/1",
       [](Device d) {
         return pool_gradients(d, {3, 1});
       }},
      {"pools 2x2/3",
       [](Device d) {
         return pool_gradients(d, {2, 3});
       }},
      {"softmax_cross_entropy_backward",
       [](Device d) {
         return Results{kernels::softmax_cross_entropy_backward(
             Tensor::full({}, 0.7F).to(d), random_tensor({3, 33}, 1).to(d), Tensor::full({}, 2.9F).to(d))};
       }},
      {"distillation_loss_backward",
       [](Device d) {
         return Results{kernels::distillation_loss_backward(Tensor::full({}, 0.7F).to(d),
                                                            random_tensor({3, 33}, 1).to(d))};
       }},
  };
}

// More tensors than one launch takes; an empty one, and sizes around the elements that a block takes.
std::vector<std::int64_t> parameter_sizes() {
  std::vector<std::int64_t> sizes(120, 3);  // more than one launch takes
  sizes[1] = 0;
  sizes[5] = 4095;
  sizes[6] = 4096;
  sizes[64] = 4097;
  sizes[119] = 10000;
  return sizes;
}

std::vector<Operation> optimisers() {
  const auto momentum = [](Device d, float value) {
    std::vector<kernels::SgdParameter> parameters;
    Results changed;
    for (const std::int64_t size : parameter_sizes()) {
      parameters.push_back({random_tensor({size}, 1).to(d).clone(), random_tensor({size}, 2).to(d),
                            random_tensor({size}, 3).to(d).clone()});
      changed.insert(changed.end(), {parameters.back().w, parameters.back().buffer});
    }
    kernels::sgd_step(parameters,
                      {.lr = 0.1F, .momentum = value, .weight_decay = 0.01F, .nesterov = value != 0});
    return changed;
  };
  return {{"sgd_step", [=](Device d) { return momentum(d, 0); }},
          {"sgd_step with momentum", [=](Device d) { return momentum(d, 0.9F); }},
          {"adam_step", [](Device d) {
             std::vector<kernels::AdamParameter> parameters;
             Results changed;
             for (const std::int64_t size : parameter_sizes()) {
               parameters.push_back({random_tensor({size}, 1).to(d).clone(), random_tensor({size}, 2).to(d),
                                     random_tensor({size}, 3).to(d).clone(),
                                     random_tensor({size}, 4, 0, 1).to(d).clone()});
               const kernels::AdamParameter& p = parameters.back();
               changed.insert(changed.end(), {p.w, p.m, p.v});
             }
             kernels::adam_step(parameters, {.lr = 0.1, .weight_decay = 0.01, .t = 3});
             return changed;
           }}};
}

}  // namespace

TEST_CASE("devices agree: element-wise operations, pooling and optimisers, to the bit") {
  const Device device = test::each_device();
  for (const auto& operations : {per_element(), pools_and_losses(), optimisers()}) {
    for (const Operation& operation : operations) {
      CAPTURE(operation.name);
      const Results expected = operation.run(Device{}), actual = operation.run(device);
      for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        REQUIRE(actual[i].device() == device);
        REQUIRE(test::bit_difference(actual[i], expected[i]) == "");
      }
    }
  }
}
