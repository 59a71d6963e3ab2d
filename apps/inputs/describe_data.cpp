#include "tern/apps/inputs/describe_data.h"

#include <fmt/format.h>

#include "tern/apps/inputs/class_names.h"

namespace tern {

std::string describe_ignored(const std::map<std::string, std::int64_t>& files) {
  std::int64_t total = 0;
  std::string kinds;
  for (const auto& [suffix, count] : files) {
    total += count;
    kinds +=
        fmt::format("{}{} {}", kinds.empty() ? "" : ", ", suffix.empty() ? "without suffix" : suffix, count);
  }
  return total == 0 ? "" : fmt::format("{} files ignored ({})", total, kinds);
}

std::string describe_data(const Dataset& training, const Dataset& validation) {
  std::map<std::string, std::int64_t> ignored = training.ignored_files();
  for (const auto& [suffix, count] : validation.ignored_files()) ignored[suffix] += count;
  const std::string left_out = describe_ignored(ignored);
  return fmt::format("{} training images, {} validation images, {} classes: {}{}{}", training.size(),
                     validation.size(), training.class_names().size(),
                     describe_classes(training.class_names()), left_out.empty() ? "" : "; ", left_out);
}

}  // namespace tern
