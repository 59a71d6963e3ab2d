// Ternary convolutions to be measured, with random operands and exact results.
//
// On the CPU their implementations have kSlots sets of weights and one of activations: in a network the layer
// before has just written what this one reads, and the float stream is updated in place, whereas weights come
// from wherever the image before has left them.
#pragma once

#include <string>
#include <vector>

#include "tern/benchmarks/support/bench_case.h"
#include "tern/kernels/conv2d.h"

namespace tern::bench {

struct ConvolutionProblem {
  Shape x;  ///< (N, H, W, I)
  Shape t;  ///< (O, KH, KW, I)
  kernels::Conv2dParameters parameters;

  Shape output() const;
  double macs() const;
  /// "56x56x64-64x3x3s1": an image, then filters, their size and stride.
  std::string name() const;
};

/// The 3x3 convolutions of ResNet-18 at 224x224, once each.
std::vector<ConvolutionProblem> resnet18_layers(Scale scale, std::int64_t batch);

/// Those of networks for images of 32x32 with 16 and 48 channels behind the stem.
std::vector<ConvolutionProblem> small_layers(Scale scale, std::int64_t batch);

/// Values of a problem, i8 in {-1, 0, +1}, always the same ones.
struct ConvolutionOperands {
  explicit ConvolutionOperands(const ConvolutionProblem& problem);

  Tensor x, t;
};

/// The convolution of i8 tensors by plain loops, as i32 (N, HO, WO, O).
Tensor exact_convolution(const Tensor& x, const Tensor& t, const kernels::Conv2dParameters& parameters);
/// The exact results of the problem's operands.
std::vector<double> exact_values(const ConvolutionProblem& problem);

}  // namespace tern::bench
