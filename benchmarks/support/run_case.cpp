#include "tern/benchmarks/support/run_case.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

namespace tern::bench {
namespace {

Row row_of(const Case& work, const RunOptions& options) {
  Row row;
  row.case_name = work.name;
  row.shape = work.shape;
  row.device = to_string(options.device);
  row.batch = work.batch;
  row.threads = options.threads;
  row.macs = work.macs;
  return row;
}

double fraction_of_peak(const Row& row, Peak peak, const Peaks& peaks) {
  const auto found = peaks.find(peak);
  if (found == peaks.end()) return 0;
  return (peak == Peak::copy ? row.gb_per_second() : row.gmac_per_second()) / found->second;
}

}  // namespace

std::string first_run(const Implementation& implementation, Device device) {
  if (!implementation.skipped.empty()) return implementation.skipped;
  try {
    implementation.run(0);
    synchronise(device);
    return implementation.verify();
  } catch (const std::exception& e) {
    return e.what();
  }
}

std::vector<Row> run_case(const Case& work, const RunOptions& options, const Peaks& peaks) {
  std::vector<Implementation> implementations;
  try {
    implementations = work.prepare(options.device);
  } catch (const std::exception& e) {
    Row row = row_of(work, options);
    row.problem = e.what();
    return {row};
  }
  std::vector<Row> rows;
  std::vector<Run> runs;
  for (const Implementation& implementation : implementations) {
    Row& row = rows.emplace_back(row_of(work, options));
    row.implementation = implementation.name;
    row.bytes = implementation.bytes;
    row.code = implementation.code;
    row.peak = to_string(implementation.peak);
    row.skipped = !implementation.skipped.empty();
    row.problem = first_run(implementation, options.device);
    row.verified = row.problem.empty();
    if (row.verified) runs.push_back(implementation.run);
  }
  const std::vector<Timing> timings = measure(runs, options.device, options.seconds);
  auto timing = timings.begin();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].verified) continue;
    rows[i].timing = *timing++;
    rows[i].fraction_of_peak = fraction_of_peak(rows[i], implementations[i].peak, peaks);
  }
  return rows;
}

bool none_wrong(const std::vector<Row>& rows) {
  return std::all_of(rows.begin(), rows.end(), [](const Row& row) { return row.verified || row.skipped; });
}

nlohmann::ordered_json to_json(const Row& row) {
  nlohmann::ordered_json json{{"case", row.case_name},   {"implementation", row.implementation},
                              {"shape", row.shape},      {"batch", row.batch},
                              {"threads", row.threads},  {"device", row.device},
                              {"verified", row.verified}};
  if (!row.verified) {
    json.update({{"median_seconds", nullptr}, {"gmac_per_second", nullptr}, {"problem", row.problem}});
    if (row.skipped) json["skipped"] = true;
    return json;
  }
  if (!row.code.empty()) json["code"] = row.code;
  json["median_seconds"] = row.timing.median;
  json["quartile_seconds"] = {row.timing.lower_quartile, row.timing.upper_quartile};
  json["samples"] = row.timing.samples;
  json["gmac_per_second"] = row.gmac_per_second();
  json["gb_per_second"] = row.gb_per_second();
  json["mac_per_byte"] = row.macs / row.bytes;
  json["peak"] = row.peak;
  json["fraction_of_peak"] = row.fraction_of_peak;
  return json;
}

}  // namespace tern::bench
