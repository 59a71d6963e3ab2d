#include "tern/apps/console/program.h"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

namespace tern {
namespace {

/// What the body printed may still be in a buffer.
bool output_is_written() {
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

}  // namespace

int run_program(CommandLine& command_line, int argc, const char* const* argv,
                const std::function<int()>& body) {
  // A closed pipe or a limit on file sizes makes a write fail, which is reported, instead of ending the
  // program.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  const auto fail = [&command_line](const char* message, int code) {
    fmt::print(stderr, "{}: error: {}\n", command_line.name(), message);
    return code;
  };
  try {
    const int code = command_line.parse(argc, argv) ? body() : 0;
    if (!output_is_written())
      return fail(fmt::format("cannot write to the standard output: {}", std::strerror(errno)).c_str(),
                  kExitFailure);
    return code;
  } catch (const UsageError& e) {
    fail(e.what(), kExitUsage);
    fmt::print(stderr, "Run {} --help for the options.\n", command_line.name());
    return kExitUsage;
  } catch (const std::bad_alloc&) {
    return fail("out of memory", kExitFailure);
  } catch (const std::exception& e) {
    return fail(e.what(), kExitFailure);
  }
}

}  // namespace tern
