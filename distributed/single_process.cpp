#include <unistd.h>

#include <array>
#include <cstdlib>

#include "tern/distributed/host_name.h"
#include "tern/distributed/process_group.h"

namespace tern {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "an unnamed host";
}

std::string SingleProcess::host(int) const {
  return host_name();
}

void SingleProcess::exchange(int peer, const void*, void*, std::size_t) {
  throw DistributedError(fmt::format("exchange with rank {}: this process is alone", peer));
}

void SingleProcess::abort(int exit_code) {
  std::_Exit(exit_code);
}

}  // namespace tern
