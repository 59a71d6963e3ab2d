// What the sanitizers report of the planted mistakes, and that they report nothing
// else.
#include <string>

#include "emulation/grid.h"
#include "tests/support/catch.h"
#include "tests/support/run_program.h"

namespace tern::test {
namespace {

using emulation::Order;

/// Runs a program of planted_mistakes; it has to write `report`, or, if that is empty, nothing at all.
void check_report(const std::string& program, Order order, const std::string& report) {
  CAPTURE(program, static_cast<int>(order));
  const ProgramResult result =
      run_program("planted_mistakes", {program, std::to_string(static_cast<int>(order))});
  CAPTURE(result.err);
  if (report.empty()) {
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
  } else {
    CHECK(result.exit_code != 0);
    CHECK_THAT(result.err, Catch::Contains(report) && Catch::Contains("planted_mistakes.cpp:"));
  }
}

#ifdef __SANITIZE_ADDRESS__
TEST_CASE("emulation: AddressSanitizer reports an access past the end of shared or device memory") {
  const std::string report = "AddressSanitizer: heap-buffer-overflow";
  for (const std::string memory : {"static shared memory", "dynamic shared memory", "device memory"}) {
    check_report(memory + ": up to the end", Order::forward, "");
    check_report(memory + ": past the end", Order::forward, report);
  }
  check_report("async copy: up to the end", Order::forward, "");
  check_report("async copy: source past the end", Order::forward, report);
  check_report("async copy: destination past the end", Order::forward, report);
}

TEST_CASE("emulation: UndefinedBehaviorSanitizer reports a vector load from an address that is not aligned") {
  check_report("vector load: aligned", Order::forward, "");
  check_report("vector load: not aligned", Order::forward, "misaligned address");
}
#endif

#ifdef __SANITIZE_THREAD__
TEST_CASE(
    "emulation: ThreadSanitizer reports missing barriers in every order of the threads, and only those") {
  const std::string report = "ThreadSanitizer: data race";
  for (const Order order : {Order::forward, Order::reverse, Order::shuffled}) {
    for (const std::string kernel : {"reverse", "rotate twice", "swap neighbours", "read what was copied"}) {
      check_report(kernel + ": with a barrier", order, "");
      check_report(kernel + ": without", order, report);
    }
    check_report("sum over blocks: atomic", order, "");
    check_report("sum over blocks: not atomic", order, report);
  }
}
#endif

}  // namespace
}  // namespace tern::test
