// The tensors of a merged model's file (models/model_file.h).
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tern/core/safetensors.h"
#include "tern/models/merge.h"

namespace tern {

/// As the file has them, on the CPU: ternary weights at five a byte, those of four levels at four,
/// convolution weights OIHW.
std::vector<std::pair<std::string, Tensor>> merged_tensors(const MergedNetwork& network);

/// The reverse, for the parameters of `graph`. Throws DataError naming the tensor if one is missing,
/// unexpected, of another shape or dtype, or holds a value that it must not.
std::map<std::string, Tensor> read_merged_tensors(const SafetensorsFile& file, const graph::Graph& graph);

}  // namespace tern
