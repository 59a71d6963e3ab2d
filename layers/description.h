// What a network looks like, layer by layer, for the model summary.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tern/core/shape.h"

namespace tern {

struct LayerDescription {
  std::string path;
  std::string kind;
  Shape output;                    // for a batch of one
  std::int64_t parameters = 0;     // numbers stored: weights, biases, running statistics
  double bits_per_parameter = 32;  // as it is stored: 32, or 8/5 for packed ternary weights
  std::int64_t macs = 0;           // multiply-adds for one image
};

class Description {
 public:
  void add(LayerDescription layer) { layers_.push_back(std::move(layer)); }
  const std::vector<LayerDescription>& layers() const { return layers_; }

 private:
  std::vector<LayerDescription> layers_;
};

/// Multiply-adds of a convolution with weights w (O, KH, KW, I) and output y (N, HO, WO, O).
inline std::int64_t multiply_adds(const Shape& y, const Shape& w) {
  return y.numel() * w[1] * w[2] * w[3];
}

}  // namespace tern
