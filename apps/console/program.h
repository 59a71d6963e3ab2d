// The frame of every program: command line, errors, exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace tern {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

/// Parses the command line into `app`, whose name is the program's, and runs `body`.
///
/// Returns what `body` returns; 0 after --help; kExitUsage if the command line is bad; kExitFailure if `body`
/// throws. Errors go to stderr as "NAME: error: MESSAGE".
int run_program(CLI::App& app, int argc, const char* const* argv, const std::function<int()>& body);

}  // namespace tern
