// The frame of every program: command line, errors, exit code.
#pragma once

#include <functional>
#include <string_view>

#include "tern/apps/console/command_line.h"

namespace tern {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

/// Writes a line to stderr, what could steer a terminal escaped. A failure is ignored: there is nobody to
/// tell.
void print_error_line(std::string_view text);

/// Parses the command line, whose name is the program's, and runs `body`.
///
/// Returns what `body` returns; 0 after --help; kExitUsage if the command line is bad or `body` throws
/// UsageError; kExitFailure if `body` throws anything else or what it printed cannot be written. SIGPIPE and
/// SIGXFSZ are ignored from then on: a write that they would report fails. Errors go to stderr as "NAME:
/// error: MESSAGE"; with the environment variable TERN_ERROR_KINDS, by which the Python package starts
/// programs, as "NAME: DataError: MESSAGE", MemoryError, ....
int run_program(CommandLine& command_line, int argc, const char* const* argv,
                const std::function<int()>& body);

}  // namespace tern
