#include "tern/apps/inputs/output_file.h"

#include <filesystem>

#include "tern/core/error.h"

namespace tern {

void require_other_file(const std::string& output, const std::vector<std::string>& inputs,
                        const std::string& option) {
  for (const std::string& input : inputs) {
    std::error_code missing;  // then they are not the same
    require<ConfigError>(!std::filesystem::equivalent(output, input, missing),
                         "{}: {} is the file that is read ({}); name another one", option, output, input);
  }
}

}  // namespace tern
