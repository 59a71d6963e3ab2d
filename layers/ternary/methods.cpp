#include "tern/layers/ternary/methods.h"

#include <fmt/ranges.h>

#include <map>
#include <mutex>
#include <utility>

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/core/nearest_name.h"
#include "tern/layers/ternary/binary.h"
#include "tern/layers/ternary/lsq.h"
#include "tern/layers/ternary/three_branches.h"
#include "tern/layers/ternary/threshold.h"
#include "tern/layers/ternary/twn.h"

namespace tern {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, TernaryMethodFactory> methods{
      {"sttn",
       [](const TernaryMethodOptions& options) {
         return options.branches == 3 ? three_branch_sttn(options.weight_gradient)
                                      : sttn(options.weight_gradient);
       }},
      {"twn", [](const TernaryMethodOptions&) { return twn(); }},
      {"lsq", [](const TernaryMethodOptions&) { return lsq(); }},
      {"threshold", [](const TernaryMethodOptions&) { return threshold(); }},
      {"binary", [](const TernaryMethodOptions&) { return binary(); }}};
};

Registry& registry() {
  static Registry all;
  return all;
}

}  // namespace

TernaryMethod ternary_method(const std::string& name, const TernaryMethodOptions& options) {
  const std::vector<std::string> names = ternary_method_names();
  const std::lock_guard lock(registry().mutex);
  const auto found = registry().methods.find(name);
  if (found != registry().methods.end()) return found->second(options);
  const std::string near = nearest_name(name, names);
  throw ConfigError(fmt::format("ternary_method: there is no method '{}'{}; expected one of {}", name,
                                near.empty() ? "" : fmt::format(", did you mean '{}'?", near),
                                fmt::join(names, ", ")));
}

std::vector<std::string> ternary_method_names() {
  const std::lock_guard lock(registry().mutex);
  std::vector<std::string> names;
  for (const auto& entry : registry().methods) names.push_back(entry.first);
  return names;
}

void add_ternary_method(const std::string& name, TernaryMethodFactory factory) {
  const std::lock_guard lock(registry().mutex);
  const bool is_new = registry().methods.emplace(name, std::move(factory)).second;
  require<ConfigError>(is_new, "add_ternary_method: the name '{}' is taken", name);
}

}  // namespace tern
