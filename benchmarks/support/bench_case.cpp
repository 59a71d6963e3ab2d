#include "tern/benchmarks/support/bench_case.h"

#include <map>

namespace tern::bench {
namespace {

struct Group {
  CaseGroup::Make make;
  bool in_default_set;
};

/// By name, so that their order does not depend on the linker's.
std::map<std::string, Group>& groups() {
  static std::map<std::string, Group> all;
  return all;
}

}  // namespace

CaseGroup::CaseGroup(const char* name, Make make, bool in_default_set) {
  groups().emplace(name, Group{make, in_default_set});
}

std::vector<Case> cases(Scale scale, bool only_default_set) {
  std::vector<Case> all;
  for (const auto& [name, group] : groups()) {
    if (only_default_set && !group.in_default_set) continue;
    for (Case& each : group.make(scale)) all.push_back(std::move(each));
  }
  return all;
}

}  // namespace tern::bench
