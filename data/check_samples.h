// What can be known of a data set before it is trained on.
#pragma once

#include <functional>

#include "tern/data/bad_images.h"
#include "tern/data/dataset.h"
#include "tern/data/transforms.h"

namespace tern {

/// Reads the header of every sample, on `threads` threads, and sees whether `transform` takes its extents.
/// Bad samples are treated as a Loader treats them: under `fail` the first one is thrown, under `skip` too
/// many are (bad_images.h). Ends early, without an error, as soon as `stop` says so.
void check_samples(const Dataset& dataset, const Transform& transform, BadImagePolicy policy, int threads,
                   const std::function<bool()>& stop);

}  // namespace tern
