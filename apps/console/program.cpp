#include "tern/apps/console/program.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>

namespace tern {

int run_program(CommandLine& command_line, int argc, const char* const* argv,
                const std::function<int()>& body) {
  const auto fail = [&command_line](const char* message, int code) {
    fmt::print(stderr, "{}: error: {}\n", command_line.name(), message);
    return code;
  };
  try {
    return command_line.parse(argc, argv) ? body() : 0;
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
