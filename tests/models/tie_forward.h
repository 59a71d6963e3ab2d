// The forward pass of an STTN network in which tied maxima of a pool may be told apart; why, see
// train_trace_ties.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tern/layers/module.h"

namespace tern::test {

/// Pixel `position` (row-major) of a window, which holds the maximum, though another before it does, too.
struct Tie {
  std::string block;    ///< Path of the block in whose shortcut the window is.
  std::int64_t window;  ///< Index of its element in the pooled (N, OH, OW, C).
  std::uint8_t position;
};
using Ties = std::vector<Tie>;

/// The forward pass of the real network, equal to the bit, where chosen ties get the gradient.
class TieForward {
 public:
  explicit TieForward(Module& network);

  /// Logits. Each window of `chosen` passes its gradient to the given position if that is tied, as it is for
  /// every tie that was found in the same state; else to its first maximum. `found`: null, or where all ties
  /// of the pass are listed.
  Variable operator()(const Variable& images, const Ties& chosen, Ties* found = nullptr) const;

 private:
  template <class M>
  M& child(const std::string& path) const;
  Variable block(const std::string& path, const Variable& x, const Ties& chosen, Ties* found) const;
  Variable half(const std::string& path, const std::string& number, const Variable& x,
                const Variable& shortcut) const;

  std::map<std::string, ParameterContainer*> modules_;
};

}  // namespace tern::test
