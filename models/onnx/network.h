#pragma once

#include <string>

#include "tern/core/safetensors.h"
#include "tern/layers/module.h"
#include "tern/models/resnet_config.h"

namespace tern {

/// The merged `network` (on the CPU) of `config` as an ONNX model: input "images" (batch, 3, S, S), RGB
/// normalised as `metadata` says, which goes into metadata_props; output "logits" (batch, classes).
///
/// Behind the stem it is the network to the bit: ternary weights are int8 behind a DequantizeLinear of scale
/// 1 and activations are -1, 0 and 1, so that every convolution is a sum of integers below 2^24 and exact in
/// floats, in whatever order a runtime adds; scale and batch norms are separate operations in the order of
/// kernels/common/batch_norm_formulas.h. The stem's convolution, the average and the linear layer are sums of
/// floats, which runtimes may round differently; where that carries a value over a threshold, one ternary
/// activation differs. The stem is written so that it is summed in the order of Tern's layers on the CPU by
/// runtimes that add up a matrix product from its first to its last term, as onnxruntime does
/// (docs/export.md).
///
/// Throws ConfigError if `config` is not that of a merged network.
std::string onnx_model(const Module& network, const ResNetConfig& config, const Metadata& metadata);

}  // namespace tern
