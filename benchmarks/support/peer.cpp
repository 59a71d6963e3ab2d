#include "tern/benchmarks/support/peer.h"

#include <algorithm>

#include "tern/benchmarks/support/measure.h"
#include "tern/benchmarks/support/run_case.h"
#include "tern/core/error.h"

namespace tern::bench {

Implementation peer(const std::string& name, const std::function<Implementation()>& make) {
  try {
    return make();
  } catch (const DeviceError& e) {
    Implementation none;
    none.name = name;
    none.skipped = e.what();
    return none;
  }
}

Implementation fastest(const std::vector<Implementation>& candidates, Device device) {
  constexpr double kSeconds = 1e-3;  // the least number of samples
  std::vector<Implementation> right;
  std::vector<Run> runs;
  std::string problem;
  for (const Implementation& candidate : candidates) {
    if (const std::string text = first_run(candidate, device); !text.empty()) {
      problem = text;
      continue;
    }
    right.push_back(candidate);
    runs.push_back(candidate.run);
  }
  require<DeviceError>(!right.empty(), "none of {} candidates gives the right result; the last: {}",
                       candidates.size(), problem);
  const std::vector<Timing> timings = measure(runs, device, kSeconds);
  const auto best = std::min_element(timings.begin(), timings.end(),
                                     [](const Timing& a, const Timing& b) { return a.median < b.median; });
  return right[static_cast<std::size_t>(best - timings.begin())];
}

}  // namespace tern::bench
