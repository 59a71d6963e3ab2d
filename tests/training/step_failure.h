// What a step on several ranks says where one of them fails.
#pragma once

#include <string>

#include "tern/core/error.h"
#include "tern/distributed/agree.h"
#include "tern/training/sharded_step.h"

namespace tern::test {

/// Runs a step of cross entropy; returns the message of its failure, after "NumericError: " on the rank that
/// has it, and "" if there is none.
inline std::string failure_of(ShardedStep& step) {
  try {
    step.run(cross_entropy_loss(), {0.1, 0});
  } catch (const NumericError& error) {
    return std::string("NumericError: ") + error.what();
  } catch (const PeerFailure& error) {
    return error.what();
  }
  return "";
}

}  // namespace tern::test
