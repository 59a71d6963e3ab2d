#pragma once

#include <memory>
#include <string>

#include "tern/core/byte_source.h"
#include "tern/core/safetensors_header.h"
#include "tern/layers/module.h"
#include "tern/models/resnet_config.h"

namespace tern::test {

/// A pair network and the bytes of the file that it merges to, whose network computes the same to the bit.
struct MergedFile {
  std::unique_ptr<Module> network;  // in evaluation
  std::string bytes;

  std::unique_ptr<ByteSource> source() const { return memory_source(bytes.data(), bytes.size(), "model"); }
};

/// `config` describes the pair that is merged. With `metadata` as given.
MergedFile merged_file(const ResNetConfig& config, const Metadata& metadata = {});

/// Metadata of a model for images of the given size and classes "class 0", "class 1", ..., its normalisation
/// not the default one.
Metadata model_metadata(std::int64_t input_size, std::int64_t classes);

}  // namespace tern::test
