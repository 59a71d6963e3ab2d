#pragma once

#include <map>
#include <string>

#include "tern/models/merge.h"

namespace tern {

/// Overwrites the tensors of `network`, the merged form of any pair of its architecture, with those of
/// `state`: the official code's resnet18_ter, as import_state_dict describes it, its convolution weights
/// OHWI. Throws DataError naming the tensors that do not fit, or a filter that is not ternary; then nothing
/// is overwritten that anybody may use.
void load_merged_state(MergedNetwork& network, std::map<std::string, Tensor> state);

}  // namespace tern
