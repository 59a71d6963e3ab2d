// One half of an STTN block (models/sttn_block.h) in evaluation, fused into one pass: ternary convolution,
// scale, batch norm, shortcut, PReLU, and the batch norm and ternarisation with which the next half begins.
//
// The float stream and the ternary activations are those of the unfused layers, to the bit
// (kernels/cpu/packed).
#pragma once

#include <string>
#include <vector>

#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/models/engine/arena.h"
#include "tern/models/engine/model_reader.h"
#include "tern/models/engine/thread_team.h"

namespace tern::engine {

/// A float stream (height = width = size) in the arena.
struct Stream {
  int size, channels;
  std::size_t offset;
};

class TernaryLayer {
 public:
  /// The half `number` ("1", "2") of the block `block`, which reads `input` and writes `output`: the same
  /// where the shape does not change.
  TernaryLayer(ModelReader& model, const std::string& block, const std::string& number, const Stream& input,
               const Stream& output, std::size_t packed_input);

  const packed::ConvolutionShape& shape() const { return shape_; }
  const Stream& input() const { return input_; }
  const Stream& output() const { return output_; }
  /// Where the arena holds the ternary activations that the convolution reads.
  std::size_t packed_input() const { return packed_input_; }
  /// For whoever computes the stream that this layer reads: its first batch norm, and where its result goes.
  packed::PackedOutput packing(const Arena& arena) const;

  /// Computes this member's rows; `next` is null behind the last layer.
  void run(const Arena& arena, const Member& member, const TernaryLayer* next) const;

  /// What the convolution of such a layer reads.
  static packed::ConvolutionShape convolution(const Stream& input, const Stream& output);

 private:
  void pool_shortcut(const float* x, int row, float* y) const;

  packed::ConvolutionShape shape_;
  Stream input_, output_;
  std::size_t packed_input_;
  packed::ThresholdTable thresholds_;
  std::vector<std::uint64_t> weights_;
  std::vector<float> scale_, mean_, gain_, beta_, slope_;
};

}  // namespace tern::engine
