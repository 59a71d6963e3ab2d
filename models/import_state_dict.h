// Networks from the state dicts of other programs: torchvision's and timm's ResNets, those of the official
// STTN code, whatever has the names of a network of the registry.
#pragma once

#include <string>

#include "tern/models/model_file.h"

namespace tern {

/// Reads a state dict that PyTorch saved, by torch.save or as safetensors (formats/state_dict_file.h). Such a
/// file does not say which network it is, so `model` does, as parse_network_config takes it. What that leaves
/// open is as in the file: the number of classes and of input channels, and whether binary branches have
/// biases.
///
/// "resnet18_ter" and the like, "_ter" in place of "_bwx2", are the pairs as the official code merges them:
/// each ternary layer has one convolution, whose filters hold -s, 0 and s, and a bias. They come as merged
/// models.
///
/// Throws DataError naming the file and every tensor that is missing, unexpected or of another shape, or a
/// filter that is not ternary; ConfigError for `model`.
LoadedModel import_state_dict(const std::string& path, const std::string& model,
                              const NetworkDefaults& defaults = {});

}  // namespace tern
