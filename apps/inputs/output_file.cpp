#include "tern/apps/inputs/output_file.h"

#include <sys/stat.h>
#include <unistd.h>

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

std::FILE* report_stream(const std::string& output) {
  struct stat file, standard;  // std::filesystem::equivalent knows of no pipes
  const bool same = stat(output.c_str(), &file) == 0 && fstat(STDOUT_FILENO, &standard) == 0 &&
                    file.st_dev == standard.st_dev && file.st_ino == standard.st_ino;
  return same ? stderr : stdout;
}

}  // namespace tern
