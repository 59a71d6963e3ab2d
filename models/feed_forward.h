// Networks that are one chain of layers, in floats or with ternary weights between the first and the last.
//
// A layer is followed by its pool and its batch norm; the activation comes before the next layer, because it
// depends on what reads it. This is the order of XNOR-Net (Rastegari et al., ECCV 2016, section 3.2) and
// IR-Net (Qin et al., CVPR 2020): a pool sees the sums of a convolution, not activations of which most are
// the same.
//
//   floats:   conv -> [pool] -> batch norm -> ReLU     -> conv         -> ... -> ReLU     -> linear
//   ternary:  conv -> [pool] -> batch norm -> {-1,0,1} -> ternary conv -> ... -> hardtanh -> linear
#pragma once

#include <optional>

#include "tern/kernels/pool_window.h"
#include "tern/layers/sequential.h"
#include "tern/models/ternary_options.h"

namespace tern {

class FeedForward : public Sequential {
 public:
  FeedForward(const Shape& image, TernaryOptions options);

  /// (N, H, W, C), f32, to logits (N, classes), f32. What is between is kept as kernels/precision.h says.
  Variable forward(const Variable& x) override;

  // Each appends a layer. The first one is in floats in any case.

  struct Convolution {
    std::int64_t filters;
    int size;
    int stride = 1;
    int padding = 0;
  };
  void add_convolution(const Convolution& convolution, std::optional<kernels::PoolWindow> pool = {});
  /// Flattens images.
  void add_linear(std::int64_t outputs);
  /// The last layer, in floats, without a batch norm.
  void add_classifier(std::int64_t classes);

 private:
  void add_activation(bool ternary);
  bool is_empty() const { return size() == 0; }
  void flatten_images();

  TernaryOptions options_;
  Shape shape_;  // of one image's result so far
};

}  // namespace tern
