// What a block of sttn_block.h may have otherwise than in the paper.
#pragma once

#include <string>

namespace tern {

/// Where a block changes resolution or width.
enum class Shortcut {
  maxpool,          ///< A max pool 2x2 of that stride, zero channels appended.
  avgpool_conv1x1,  ///< An average pool 2x2, a 1x1 convolution of floats and a batch norm, as in Bi-Real Net
                    ///< (Liu et al., ECCV 2018).
};

/// Behind the sum.
enum class BlockActivation {
  prelu,
  rprelu,  ///< As in ReActNet (layers/activations.h).
};

struct SttnBlockOptions {
  std::string activations = "ternary";  ///< Before the convolutions (layers/activations.h).
  Shortcut shortcut = Shortcut::maxpool;
  BlockActivation activation = BlockActivation::prelu;
};

}  // namespace tern
