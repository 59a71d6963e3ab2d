#include "tern/apps/console/program.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>

#include "tern/core/error.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

using Catch::Contains;
using Catch::Equals;

struct Outcome {
  int code;
  std::string errors;
};

/// Runs a program of the option --count and catches what it writes to stderr.
Outcome run(std::vector<const char*> arguments, const std::function<int()>& body) {
  CommandLine app("A program", "tern-x");
  int count = 0;
  app.option("--count", count, "how many");
  arguments.insert(arguments.begin(), "path/of/tern-x");

  std::FILE* caught = std::tmpfile();
  const int saved = dup(STDERR_FILENO);
  std::fflush(stderr);
  dup2(fileno(caught), STDERR_FILENO);
  const int code = run_program(app, static_cast<int>(arguments.size()), arguments.data(), body);
  std::fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);

  std::rewind(caught);
  std::string errors;
  for (int c = std::fgetc(caught); c != EOF; c = std::fgetc(caught)) errors += static_cast<char>(c);
  std::fclose(caught);
  return {code, errors};
}

TEST_CASE("program: returns what the body returns") {
  const Outcome outcome = run({"--count", "3"}, [] { return 7; });
  CHECK(outcome.code == 7);
  CHECK(outcome.errors.empty());
}

TEST_CASE("program: an exception is one line on stderr and exit code 1") {
  const Outcome outcome = run({}, []() -> int { throw DataError("x.jpg: truncated"); });
  CHECK(outcome.code == kExitFailure);
  CHECK_THAT(outcome.errors, Equals("tern-x: error: x.jpg: truncated\n"));
  CHECK(run({}, []() -> int { throw std::runtime_error("y"); }).code == kExitFailure);
  CHECK_THAT(run({}, []() -> int { throw std::bad_alloc(); }).errors, Contains("out of memory"));
}

TEST_CASE("program: with TERN_ERROR_KINDS the line names the kind of the error") {
  setenv("TERN_ERROR_KINDS", "1", 1);
  const auto line = [](const auto& error) { return run({}, [&]() -> int { throw error; }).errors; };
  CHECK(line(DataError("x")) == "tern-x: DataError: x\n");
  CHECK(line(ConfigError("x")) == "tern-x: ConfigError: x\n");
  CHECK(line(ShapeError("x")) == "tern-x: ShapeError: x\n");
  CHECK(line(NumericError("x")) == "tern-x: NumericError: x\n");
  CHECK(line(std::bad_alloc()) == "tern-x: MemoryError: out of memory\n");
  CHECK(line(std::runtime_error("x")) == "tern-x: Error: x\n");
  CHECK_THAT(line(UsageError("x")), Contains("tern-x: ConfigError: x\n"));
  unsetenv("TERN_ERROR_KINDS");
}

TEST_CASE("program: a bad command line is exit code 2 and runs nothing") {
  bool ran = false;
  const auto body = [&ran] {
    ran = true;
    return 0;
  };
  const Outcome outcome = run({"--cuont", "3"}, body);
  CHECK(outcome.code == kExitUsage);
  CHECK_THAT(outcome.errors, Contains("tern-x: error: ") && Contains("--cuont") && Contains("--help"));
  CHECK(run({"--count", "three"}, body).code == kExitUsage);
  CHECK_FALSE(ran);
}

}  // namespace
}  // namespace tern
