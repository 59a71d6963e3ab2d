#include "tern/apps/console/program.h"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <system_error>

#include "tern/core/quote.h"

namespace tern {
namespace {

/// What the body printed may still be in a buffer.
bool output_is_written() {
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

}  // namespace

void print_error_line(std::string_view text) {
  const std::string line = printable(text) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

int run_program(CommandLine& command_line, int argc, const char* const* argv,
                const std::function<int()>& body) {
  // A closed pipe or a limit on file sizes makes a write fail, which is reported, instead of ending the
  // program.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  const auto fail = [&command_line](const char* message, int code) {
    print_error_line(fmt::format("{}: error: {}", command_line.name(), message));
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
    print_error_line(fmt::format("Run {} --help for the options.", command_line.name()));
    return kExitUsage;
  } catch (const std::bad_alloc&) {
    return fail("out of memory", kExitFailure);
  } catch (const std::system_error& e) {
    if (e.code() != std::errc::resource_unavailable_try_again) return fail(e.what(), kExitFailure);
    return fail(
        "a thread cannot be started: the system allows no more; ask for fewer threads or data.workers, "
        "or raise the limit (ulimit -u)",
        kExitFailure);
  } catch (const std::exception& e) {
    return fail(e.what(), kExitFailure);
  }
}

}  // namespace tern
