// Cases of single operations of kernels/, from their tensors to their tensors.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tern/benchmarks/support/bench_case.h"
#include "tern/core/tensor.h"

namespace tern::bench {

using Tensors = std::vector<Tensor>;
/// The elements of a tensor.
using Values = std::vector<double>;

struct Operation {
  Tensors inputs;  ///< On the CPU; every slot gets copies on the device.
  /// The results. An operation in place returns the inputs that it changes.
  std::function<Tensors(Tensors& inputs)> run;
  /// What the results should be for the inputs as they were first, from plain loops.
  std::function<std::vector<Values>(const Tensors& inputs)> expected;
};

/// An implementation that runs `operation` on the device. Results are judged by difference().
Implementation implementation(const std::string& name, Peak peak, Operation operation, Device device);

/// A case "op/NAME" bound by memory: every input is read and every result written once. Its one
/// implementation is "tern".
Case operation(const std::string& name, const Shape& shape, std::function<Operation()> make);

/// An empty string, or how the results differ. Integers must be equal; floats agree to 1e-4 of the largest
/// value of their tensor, which shows that the kernel did this work and no other (the tests hold it to its
/// derived bound).
std::string difference(const Tensors& results, const std::vector<Values>& expected);

/// f(i) for 0 <= i < count.
template <class Function>
Values generate(std::int64_t count, const Function& f) {
  Values values(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) values[static_cast<std::size_t>(i)] = f(i);
  return values;
}

/// sums[i % channels] += f(i) for 0 <= i < count: sums over rows.
template <class Function>
Values sum_rows(std::int64_t count, std::int64_t channels, const Function& f) {
  Values sums(static_cast<std::size_t>(channels), 0.0);
  for (std::int64_t i = 0; i < count; ++i) sums[static_cast<std::size_t>(i % channels)] += f(i);
  return sums;
}

/// Activations of the first stage of a ResNet-18 (N, H, W, C), batch 16; or few.
Shape activation_shape(Scale scale);
/// Weights of its last stage (O, KH, KW, I); or few.
Shape weight_shape(Scale scale);
/// Logits of ImageNet, batch 256; or few.
Shape logit_shape(Scale scale);

/// `count` class labels, i64.
Tensor labels(std::int64_t count, std::int64_t classes);

}  // namespace tern::bench
