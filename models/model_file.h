// Model files: checkpoints of trainable networks and merged models, both safetensors.
//
// A checkpoint holds every parameter and buffer by its PyTorch name and in PyTorch's layout (convolution
// weights OIHW), so that safetensors.torch.load_file + load_state_dict reads it. A merged model stores each
// ternary weight as
// "<name>.weight.trits" (U8, see trits.h, values in O, KH, KW, I order) and "<name>.weight.scale" (F32, 2 *
// alpha per filter), all else as F32. Metadata of both: "format" ("tern-checkpoint" or "tern-merged"),
// "format_version", "model" (JSON, see resnet_config.h), and what the caller adds. Readers take a file
// without "num_batches_tracked", as PyTorch does, and name shapes in Tern's layout (OHWI) when they refuse
// one.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "tern/core/safetensors.h"
#include "tern/layers/module.h"
#include "tern/models/resnet_config.h"

namespace tern {

struct LoadedModel {
  ResNetConfig config;
  std::unique_ptr<Module> network;  // in evaluation mode
  Metadata metadata;
};

/// Writes network and metadata atomically, as a merged model if config.block is `ternary`, else as a
/// checkpoint.
void save_model(const std::string& path, const Module& network, const ResNetConfig& config,
                Metadata metadata);

/// The bytes of the file that save_model writes.
std::string model_bytes(const Module& network, const ResNetConfig& config, Metadata metadata);

/// Reads either kind. Throws DataError naming the file and what is wrong with it.
LoadedModel load_model(const std::string& path);

/// Reads a state dict that PyTorch saved as safetensors (safetensors.torch.save_file), with torchvision's
/// names where `config` is a float network. Such a file does not say which network it is, so `config` does.
/// Throws DataError naming the file and every tensor that is missing, unexpected or of another shape.
LoadedModel import_state_dict(const std::string& path, const ResNetConfig& config);

/// Overwrites the state of `network` (of `config`) with that of the file. If any tensor is missing,
/// unexpected or of another shape, throws DataError listing all of them, and nothing is loaded.
void load_weights(const std::string& path, Module& network);

}  // namespace tern
