// Tensors of PyTorch are views of storages, with an offset and strides of their own.
#pragma once

#include <vector>

#include "tern/core/shape.h"
#include "tern/models/formats/pytorch/pickle_value.h"

namespace tern::pytorch {

/// Whether there is a shape of these sizes, with no more elements than the storage has, and each of them lies
/// in it.
bool within_storage(const StridedTensor& tensor);

/// The bytes of the elements in row-major order. `tensor` is within its storage, whose bytes are given.
std::vector<char> gather(const StridedTensor& tensor, const std::vector<char>& storage);

}  // namespace tern::pytorch
