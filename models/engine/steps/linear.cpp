#include "tern/models/engine/steps/linear.h"

#include <algorithm>

namespace tern::engine {

LinearStep::LinearStep(ModelReader& model, const graph::Node& node, const ActivationMap& x,
                       const ActivationMap& result)
    : x_(x), result_(result), filters_(model, node, result.channels) {}

void LinearStep::run(const Run& run, const Member& member) const {
  constexpr int kGroup = FloatFilters::kGroup;
  const Member::Range share = member.share_of(groups());
  const int first = share.first * kGroup, last = std::min(share.last * kGroup, result_.channels);
  if (first < last)
    filters_.run({run.floats(x_), 0, 0, 1, x_.channels}, 1, first, last, run.floats(result_), 0);
}

std::vector<Access> LinearStep::accesses() const {
  return {reads_all(x_), {result_.offset, result_.offset + result_.bytes(), groups(), true}};
}

}  // namespace tern::engine
