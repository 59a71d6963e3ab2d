// Times of functions that do the same work, measured in turn.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "tern/core/device.h"

namespace tern::bench {

/// Seconds of one run. A sample is the mean over as many runs as the clock needs; median and quartiles are
/// those of the samples.
struct Timing {
  double median = 0;
  double lower_quartile = 0;
  double upper_quartile = 0;
  std::size_t samples = 0;
};

/// Of unordered samples, at least one.
Timing summarise(std::vector<double> samples);

using Run = std::function<void(std::size_t slot)>;

/// Warms each function up, then takes a sample of each in turn, so that a slow moment of the machine hits
/// them all, for about `seconds` each. With 0 seconds each runs once. On a GPU a sample's runs are queued and
/// waited for together.
std::vector<Timing> measure(const std::vector<Run>& runs, Device device, double seconds);

/// Waits until `device` has done all that it was given.
void synchronise(Device device);

}  // namespace tern::bench
