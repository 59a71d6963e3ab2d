// What all processes of a group have to know together.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tern/distributed/process_group.h"

namespace tern {

/// The largest of the numbers that the processes give. As a barrier: none returns before all have called.
std::int64_t agree_on_largest(ProcessGroup& group, std::int64_t value);

/// What all processes give, by rank; as many values each.
std::vector<std::int64_t> gather(ProcessGroup& group, const std::vector<std::int64_t>& values);

/// Overwrites `values`, as many on all ranks, with their sums over the ranks.
void sum_integers(ProcessGroup& group, std::vector<std::int64_t>& values);

/// Another process has failed at what all were doing. The message has its rank, host and error.
class PeerFailure : public Error {
 public:
  using Error::Error;
};

/// Calls `body`, in which the processes do not communicate, and waits until all have. If it throws in some,
/// all throw: those their own exception, the others a PeerFailure for the lowest of them.
void together(ProcessGroup& group, const std::function<void()>& body);

/// Throws ConfigError on all processes, naming one that differs from rank 0, unless all give the same value.
/// `what` is what it stands for: "the configuration".
void require_equal(ProcessGroup& group, const char* what, std::int64_t value);

}  // namespace tern
