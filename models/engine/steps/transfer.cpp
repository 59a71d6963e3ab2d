#include "tern/models/engine/steps/transfer.h"

#include <algorithm>

namespace tern::engine {

void ImageStep::run(const Run& run, const Member& member) const {
  const Member::Range rows = member.share_of(result_.height);
  for (int row = rows.first; row < rows.last; ++row) {
    run.image.copy(row, run.floats(result_) + row * result_.row_values());
  }
}

void TernariseStep::run(const Run& run, const Member& member) const {
  const Member::Range rows = member.share_of(x_.height);
  packed::kernels().ternarise(run.floats(x_), x_.width, x_.channels, rows.first, rows.last,
                              packing_.output(run));
}

void LogitsStep::run(const Run& run, const Member& member) const {
  const Member::Range outputs = member.share_of(classes());
  std::copy(run.floats(x_) + outputs.first, run.floats(x_) + outputs.last, run.logits + outputs.first);
}

}  // namespace tern::engine
