// State dicts in files of other programs: what PyTorch's torch.save wrote, in both of its formats
// (pytorch/archive.h), and safetensors.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "tern/core/tensor.h"

namespace tern {

/// A tensor that is still in its file.
struct StoredTensor {
  Shape shape;  ///< In PyTorch's layout.
  /// On the CPU: floats of every kind as f32, booleans as u8. Throws DataError naming the file.
  std::function<Tensor()> read;
};

/// By name. Holds the file open.
using StateDict = std::map<std::string, StoredTensor>;

/// Opens a file of either kind, by what it holds and not by its name. Of a file of torch.save this is the
/// dict of tensors that it holds, or holds under "state_dict", "model" or "model_state_dict". "module." and
/// "_orig_mod." are taken off where all names begin so. No code of a pickle is run: what is not a tensor,
/// dict, list, number or string is refused by name. Throws DataError naming the file and the place in it.
/// Allocates for no more than a few times what the file holds.
StateDict open_state_dict(const std::string& path);

}  // namespace tern
