// Between a state as PyTorch names and lays it out, and that of a network.
#pragma once

#include <map>
#include <string>

#include "tern/core/tensor.h"
#include "tern/layers/module.h"

namespace tern {

/// A tensor of PyTorch, on the CPU, as networks have it: convolution weights OHWI, a count that some writers
/// store as (1) a scalar. Throws DataError naming the tensor if it holds what it must not (model_values.h).
Tensor from_pytorch(const std::string& name, const Tensor& tensor);

/// Adds zeros for the counts of batches that `state` lacks: nothing depends on them, and PyTorch, too, takes
/// state dicts without.
void add_missing_counts(const Module& network, std::map<std::string, Tensor>& state);

}  // namespace tern
