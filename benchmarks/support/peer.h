// Implementations by others, which may refuse a problem and have several ways to solve it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tern/benchmarks/support/bench_case.h"

namespace tern::bench {

/// make(), or, where that throws a DeviceError, an implementation that is skipped for this reason: what a
/// peer cannot do here is no failure.
Implementation peer(const std::string& name, const std::function<Implementation()>& make);

/// The fastest of those whose first results are right, measured in turn. Throws DeviceError if there is none,
/// saying what is wrong with the last one.
Implementation fastest(const std::vector<Implementation>& candidates, Device device);

}  // namespace tern::bench
