// From a case to the rows of the report.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tern/benchmarks/support/bench_case.h"
#include "tern/benchmarks/support/measure.h"

namespace tern::bench {

struct RunOptions {
  Device device;
  int threads = 1;
  double seconds = 0.5;  ///< For each implementation; 0: one run each.
};

/// One implementation of one case. Without a correct result there are no times.
struct Row {
  std::string case_name, implementation, shape, device;
  std::int64_t batch = 1;
  int threads = 1;
  bool verified = false;
  bool skipped = false;  ///< Not verified, and not wrong either: it cannot run here.
  std::string problem;   ///< Why it is not verified.
  std::string code;      ///< Implementation::code
  Timing timing;
  double macs = 0, bytes = 0;
  std::string peak;             ///< Which one, as in the report's "peaks".
  double fraction_of_peak = 0;  ///< 0 if that was not measured.

  double gmac_per_second() const { return macs / timing.median / 1e9; }
  double gb_per_second() const { return bytes / timing.median / 1e9; }
};

/// Runs the implementation and waits: an empty string, or what is wrong with the result, what it has thrown,
/// or why it is skipped.
std::string first_run(const Implementation& implementation, Device device);

/// Runs and verifies every implementation, then measures those that are right, in turn. An implementation
/// that throws is not verified; neither is a case whose preparation does.
std::vector<Row> run_case(const Case& work, const RunOptions& options, const Peaks& peaks);

/// True if every row is verified or skipped.
bool none_wrong(const std::vector<Row>& rows);

nlohmann::ordered_json to_json(const Row& row);

}  // namespace tern::bench
