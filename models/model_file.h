// Model files: checkpoints of trainable networks and merged models, both safetensors.
//
// A checkpoint holds every parameter and buffer by its PyTorch name and in PyTorch's layout (convolution
// weights OIHW), so that safetensors.torch.load_file + load_state_dict reads it. A merged model stores each
// ternary weight as "<name>.weight.trits" (U8, see trits_code.h, values in O, KH, KW, I order) or, one of
// four levels, as "<name>.weight.levels" (U8, see levels_code.h), and "<name>.weight.scale" (F32, one per
// filter), all else as F32.
//
// Metadata of both: "format" ("tern-checkpoint" or "tern-merged"), "format_version", "graph" (JSON, see
// layers/graph/json.h; a checkpoint of modules without a trace has none), and what the caller adds. A
// checkpoint of a network of the registry has "model", too (JSON, see registry.h), from which the network is
// made again. Version 1 has no graph: formats/version1.h. Version 2 is what is written, 3 if there are
// weights of four levels, so that an older reader refuses them by the version. Readers take a file without
// "num_batches_tracked", as PyTorch does, and floats that another program stored as F64, F16 or BF16; they
// name shapes in Tern's layout (OHWI) when they refuse one.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tern/core/safetensors.h"
#include "tern/layers/module.h"
#include "tern/models/merge.h"
#include "tern/models/registry.h"

namespace tern {

struct LoadedModel {
  /// How the network was made; nothing for a merged model.
  std::optional<NetworkConfig> config;
  graph::Graph graph;
  std::unique_ptr<Module> network;  // in evaluation mode; a GraphModule for a merged model
  Metadata metadata;

  bool merged() const { return !config.has_value(); }
};

/// Writes the network atomically. `config` is null for a network that is not of the registry; `image` is the
/// shape (H, W, C) of what it takes.
void save_checkpoint(const std::string& path, const Module& network, const Shape& image,
                     const NetworkConfig* config, Metadata metadata);

/// Writes a merged network atomically.
void save_merged(const std::string& path, const MergedNetwork& network, Metadata metadata);

/// The bytes of the file that save_merged writes.
std::string merged_bytes(const MergedNetwork& network, Metadata metadata);

/// Reads either kind. Throws DataError naming the file and what is wrong with it.
LoadedModel load_model(const std::string& path);

/// Overwrites the state of `network` with that of the file. If any tensor is missing, unexpected or of
/// another shape, throws DataError listing all of them, and nothing is loaded.
void load_weights(const std::string& path, Module& network);

}  // namespace tern
