#include "tern/layers/named_tensors.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern {

namespace {

/// "\n  missing (2): a, b", of many the first ones; nothing for an empty list.
std::string describe(const char* kind, const std::vector<std::string>& items) {
  constexpr std::size_t kShown = 8;
  if (items.empty()) return "";
  const auto shown = items.begin() + static_cast<std::ptrdiff_t>(std::min(items.size(), kShown));
  return fmt::format("\n  {} ({}): {}{}", kind, items.size(), fmt::join(items.begin(), shown, ", "),
                     items.size() > kShown ? ", ..." : "");
}

std::string describe_differences(const NamedTensors& targets, const std::map<std::string, Tensor>& source) {
  std::vector<std::string> missing;
  std::vector<std::string> mismatched;
  std::set<std::string> known;
  for (const auto& [name, target] : targets) {
    known.insert(name);
    const auto found = source.find(name);
    if (found == source.end()) {
      missing.push_back(name);
    } else if (const Tensor& given = found->second; !given.defined()) {
      mismatched.push_back(fmt::format("{} is undefined", name));
    } else if (given.shape() != target.shape() || given.dtype() != target.dtype()) {
      mismatched.push_back(fmt::format("{} is {} {}, expected {} {}", name, given.dtype(), given.shape(),
                                       target.dtype(), target.shape()));
    }
  }
  std::vector<std::string> unexpected;
  for (const auto& entry : source) {
    if (known.count(entry.first) == 0) unexpected.push_back(entry.first);
  }
  return describe("missing", missing) + describe("unexpected", unexpected) +
         describe("of another shape or type", mismatched);
}

}  // namespace

void overwrite_tensors(const std::string& owner, NamedTensors targets,
                       const std::map<std::string, Tensor>& source) {
  const std::string differences = describe_differences(targets, source);
  require<DataError>(differences.empty(), "{}: the given tensors do not fit; nothing was loaded{}", owner,
                     differences);
  for (auto& [name, target] : targets) target.copy_from(source.at(name));
}

}  // namespace tern
