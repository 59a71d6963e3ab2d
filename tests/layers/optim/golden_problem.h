// The parameter and the gradients that pytorch_golden.py feeds to PyTorch's optimisers.
#pragma once

#include <cmath>
#include <vector>

#include "tern/layers/named_tensors.h"
#include "tern/layers/optim/optimizer.h"
#include "tests/support/catch.h"

namespace tern::test {

constexpr int kGoldenSize = 11;
constexpr int kGoldenSteps = 5;
constexpr double kGoldenLr = 0.03125;

inline Variable golden_parameter(Device device) {
  std::vector<float> w(kGoldenSize);
  for (int i = 0; i < kGoldenSize; ++i) w[i] = static_cast<float>(i * 37 % 64 - 32) / 32;
  return Variable(Tensor::from({kGoldenSize}, w).to(device), true);
}

inline Tensor golden_gradient(int t, float factor = 1) {
  std::vector<float> dw(kGoldenSize);
  for (int i = 0; i < kGoldenSize; ++i) {
    dw[i] = factor * (static_cast<float>((i * 13 + t * 29) % 128) / 64 - 1);
  }
  return Tensor::from({kGoldenSize}, dw);
}

inline void set_gradient(Variable parameter, const Tensor& gradient) {
  parameter.clear_grad();
  parameter.backward(gradient.to(parameter.value().device()));
}

/// Steps first .. last - 1 of the golden training, with gradients times `factor` and that undone by the
/// scale.
inline void golden_steps(Optimizer& optimizer, const Variable& w, int first, int last, float factor = 1) {
  for (int t = first; t < last; ++t) {
    set_gradient(w, golden_gradient(t, factor));
    optimizer.step(kGoldenLr, 1 / factor);
  }
}

/// |w| stays below 2, so that each of five steps rounds w by at most 2^-24 here and there; the updates are
/// at most 0.2 and lose some 8 roundings of 2^-24: 5 * (2 + 8 * 0.2) * 2^-24 = 1.1e-6.
inline void check_golden(const Variable& w, const std::vector<float>& expected) {
  const std::vector<float> actual = w.value().to_vector<float>();
  for (int i = 0; i < kGoldenSize; ++i) {
    INFO("element " << i);
    CHECK(std::abs(actual[i] - expected[i]) < 1.1e-6F);
  }
}

}  // namespace tern::test
