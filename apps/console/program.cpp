#include "tern/apps/console/program.h"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <system_error>

#include "tern/core/error.h"
#include "tern/core/quote.h"

namespace tern {
namespace {

/// What the body printed may still be in a buffer.
bool output_is_written() {
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

/// What the error line calls it: "error", or, for a program that starts this one, the kind.
const char* kind_of(const std::exception& error) {
  if (std::getenv("TERN_ERROR_KINDS") == nullptr) return "error";
  if (dynamic_cast<const DataError*>(&error) != nullptr) return "DataError";
  if (dynamic_cast<const ConfigError*>(&error) != nullptr) return "ConfigError";
  if (dynamic_cast<const UsageError*>(&error) != nullptr) return "ConfigError";
  if (dynamic_cast<const ShapeError*>(&error) != nullptr) return "ShapeError";
  if (dynamic_cast<const NumericError*>(&error) != nullptr) return "NumericError";
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return "MemoryError";
  return "Error";
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
  const auto fail = [&command_line](const std::exception& error, const char* message) {
    print_error_line(fmt::format("{}: {}: {}", command_line.name(), kind_of(error), message));
    return kExitFailure;
  };
  try {
    const int code = command_line.parse(argc, argv) ? body() : 0;
    const bool written = output_is_written();
    require<Error>(written, "cannot write to the standard output: {}", std::strerror(errno));
    return code;
  } catch (const UsageError& e) {
    fail(e, e.what());
    print_error_line(fmt::format("Run {} --help for the options.", command_line.name()));
    return kExitUsage;
  } catch (const std::bad_alloc& e) {
    return fail(e, "out of memory");
  } catch (const std::system_error& e) {
    if (e.code() != std::errc::resource_unavailable_try_again) return fail(e, e.what());
    return fail(e,
                "a thread cannot be started: the system allows no more; ask for fewer threads or "
                "data.workers, or raise the limit (ulimit -u, -v)");
  } catch (const std::exception& e) {
    return fail(e, e.what());
  }
}

}  // namespace tern
