// Runs the project's programs as a user does: as processes with arguments, signals and limits.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace tern::test {

struct ProgramOptions {
  std::filesystem::path directory;    // to work in; empty: this process's
  std::uint64_t max_file_bytes = 0;   // writing a file beyond this fails like a full disk; 0: no limit
  int signal = 0;                     // sent once,
  std::function<bool()> signal_when;  // as soon as this holds
  std::chrono::seconds timeout{120};  // then the program is killed
};

struct ProgramResult {
  int exit_code = -1;  // -1 if a signal ended the program
  int signal = 0;      // which; 0 if none did
  std::string out;
  std::string err;
};

/// Runs `name` ("tern-train", or the absolute path of another program) to its end. Throws std::runtime_error
/// if it cannot be started or exceeds the timeout.
ProgramResult run_program(const std::string& name, const std::vector<std::string>& arguments,
                          const ProgramOptions& options = {});

}  // namespace tern::test
