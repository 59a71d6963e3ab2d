// Why two right implementations can train apart, and the search that tells this from a mistake.
//
// The shortcut of a downsampling block is a max pool, and two pixels of a window may hold exactly the same
// number: the pool of the stem overlaps, so that neighbours often carry the same value, and what the block
// before adds to it is a scale times an integer, the ternary convolution, which is often the same, too. The
// maximum is then a kink: the gradient may go to either pixel, and both are valid. Our integers are exact, so
// that such pixels are equal to the bit and the first one gets the gradient. The official code computes the
// integer as the sum of two float convolutions whose rounding, about 1e-7, differs from pixel to pixel: there
// the noise picks the pixel. (Its own fp32 and fp64 runs may pick differently.) Nothing in the file tells the
// choice, but its effect is plain: all that is computed after that step differs by 1e-4 and more, a hundred
// times what rounding does.
//
// So a replay that leaves the trace looks for the choice: tied windows of the step before (of earlier ones,
// if that does not do), and nothing else, may send their gradient to another of their maxima. Such a choice,
// one of a handful, has to bring back the loss and the logits of the next step to within their tolerances, as
// an error in a formula cannot be undone. The whole replay then has to pass under the same tolerances as any
// other. Every choice that is not needed stays at the first maximum.
#pragma once

#include <string>
#include <vector>

#include "tests/models/tie_forward.h"
#include "tests/models/train_trace.h"

namespace tern::test {

struct TieExplanation {
  std::vector<Ties> chosen;  ///< For each step.
  std::string report;        ///< What was found, or how far the search came.
};

/// Looks for the choices that keep the replay on the trace. If there are none, `chosen` holds those up to the
/// step that remained unexplained.
TieExplanation explain_by_ties(const TrainTrace& trace);

}  // namespace tern::test
