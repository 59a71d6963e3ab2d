// Exports a merged network as an ONNX model, which other runtimes run.
//
// Ternary convolutions and linear layers are exact: weights are int8 behind a DequantizeLinear of scale 1,
// and inputs are -1, 0 and 1, so that each result is a sum of integers below 2^24, which floats hold in
// whatever order a runtime adds. The scale and the batch norms are operators of their own, in the order of
// kernels/common/batch_norm_formulas.h. Sums of floats (float convolutions and linear layers, averages) may
// be rounded differently by each runtime. Where that moves a value over a threshold, a ternary or binary
// activation takes another value. docs/export.md has measurements.
#pragma once

#include <map>
#include <string>

#include "tern/core/safetensors.h"
#include "tern/core/tensor.h"
#include "tern/layers/graph/graph.h"

namespace tern {

/// The bytes of an ONNX model of `graph`. Input "images" (batch, C, H, W), f32, normalised as `metadata`
/// says; output "logits" (batch, classes), f32. Any other value is called as its node. `state` has the
/// tensors by the names of the nodes' parameters, on any device: weights of ternary operators i8 in {-1, 0,
/// +1}, all else f32, in Tern's layout. `metadata` goes into metadata_props.
///
/// Throws Error naming the node if a ternary operator is not merged or two values would have the same name;
/// DataError naming node and tensor if a tensor is missing or of another shape or dtype than the graph says.
std::string onnx_model(const graph::Graph& graph, const std::map<std::string, Tensor>& state,
                       const Metadata& metadata);

}  // namespace tern
