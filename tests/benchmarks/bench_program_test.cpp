// tern-bench as a user runs it, on tiny problems.
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tern/core/device_choice.h"
#include "tests/support/catch.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

using Catch::Contains;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool has_usable_gpu() {
  const auto devices = available_devices();
  return devices.size() > 1 && devices[1].problem.empty();
}

nlohmann::json quick_report(const TemporaryDirectory& folder, std::vector<std::string> arguments) {
  const std::string path = folder / "report.json";
  arguments.insert(arguments.end(), {"--quick", "--json", path});
  const ProgramResult result = run_program("tern-bench", arguments);
  INFO(result.out << result.err);
  REQUIRE(result.exit_code == 0);
  return nlohmann::json::parse(read_bytes(path));
}

}  // namespace

TEST_CASE("tern-bench: --list names the default set, all cases with a filter for all") {
  const ProgramResult layers = run_program("tern-bench", {"--list"});
  const ProgramResult all = run_program("tern-bench", {"--list", "--filter", "."});
  CHECK(layers.exit_code == 0);
  CHECK_THAT(layers.out,
             Contains("layer/56x56x64-64x3x3s1/batch1 ") && Contains("layer/7x7x512-512x3x3s1/batch16 "));
  CHECK_THAT(layers.out, !Contains("op/"));
  CHECK(lines_of(all.out).size() > lines_of(layers.out).size());
}

TEST_CASE("tern-bench: a filter that is not a regular expression, or matches nothing, is refused") {
  for (const auto& [filter, reason] : {std::pair("(", "\"(\" is not a regular expression"),
                                       std::pair("no such case", "no case matches \"no such case\"")}) {
    const ProgramResult result = run_program("tern-bench", {"--filter", filter});
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err, Contains(reason));
  }
}

TEST_CASE("tern-bench: every case gives right results on the CPU, and --json holds what is promised") {
  const TemporaryDirectory folder;
  const nlohmann::json report = quick_report(folder, {"--filter", "."});
  for (const char* field : {"cpu", "commit"}) CHECK(report["machine"][field].get<std::string>() != "");
  CHECK(report["peaks"].is_object());
  REQUIRE(report["rows"].size() > 5);
  for (const auto& row : report["rows"]) {
    INFO(row.dump());
    for (const char* field : {"case", "implementation", "shape", "device"}) CHECK(row[field].is_string());
    for (const char* field : {"batch", "threads"}) CHECK(row[field].is_number_integer());
    for (const char* field : {"median_seconds", "gmac_per_second"}) CHECK(row[field].is_number());
    CHECK(row["verified"] == true);
  }
}

#if defined(__x86_64__)
TEST_CASE("tern-bench: peers use all that the CPU has, and AVX2 where TERN_CPU holds Tern to that") {
  if (!__builtin_cpu_supports("avx2")) return;
  const TemporaryDirectory folder;
  const auto codes = [&folder](const std::string& environment) {
    const std::string path = folder / "report.json";
    const ProgramResult result =
        run_program("/usr/bin/env", {environment, TERN_PROGRAMS "/tern-bench", "--quick", "--filter",
                                     "layer/6x5.*batch1$", "--json", path});
    INFO(result.out << result.err);
    REQUIRE(result.exit_code == 0);
    std::map<std::string, std::string> by_row;
    const nlohmann::json report = nlohmann::json::parse(read_bytes(path));
    for (const auto& row : report["rows"]) {
      by_row[row["implementation"]] = row["code"];
    }
    return by_row;
  };
  auto held = codes("TERN_CPU=avx2"), free = codes("TERN_CPU="), scalar = codes("TERN_CPU=scalar");
  CHECK(held["tern"] == "avx2");
  CHECK(scalar["tern"] == "scalar");
  for (const char* peer : {"onednn_int8", "onednn_fp32"}) {
    CHECK_THAT(held[peer], !Contains("avx512"));
    CHECK(scalar[peer] == free[peer]);
    if (__builtin_cpu_supports("avx512vnni")) CHECK_THAT(free[peer], Contains("avx512"));
  }
}
#endif

TEST_CASE("tern-bench: every case gives right results on a GPU") {
  if (!has_usable_gpu()) {
    WARN("skipped: no CUDA device");
    return;
  }
  const TemporaryDirectory folder;
  const nlohmann::json report = quick_report(folder, {"--filter", ".", "--device", "cuda"});
  REQUIRE(report["rows"].size() > 5);
  for (const auto& row : report["rows"]) {
    INFO(row.dump());
    const bool is_peer = row["implementation"].get<std::string>().starts_with("cudnn");
    CHECK((row["verified"] == true || (is_peer && row.contains("skipped"))));
    CHECK(row["device"] == "cuda:0");
  }
}

TEST_CASE("tern-bench: a report is compared with an older one, and drawn") {
  const TemporaryDirectory folder;
  const std::string old_report = folder / "old.json", plot = folder / "plot.svg";
  std::vector<std::string> arguments{"--quick", "--filter", "layer/.*batch1$"};
  arguments.insert(arguments.end(), {"--json", old_report, "--plot", plot});
  REQUIRE(run_program("tern-bench", arguments).exit_code == 0);
  CHECK_THAT(read_bytes(plot), Contains("<svg") && Contains("onednn_int8"));
  const ProgramResult result =
      run_program("tern-bench", {"--quick", "--filter", "layer/.*batch1$", "--compare", old_report});
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, Contains("x the time") && Contains("rows are slower"));
}

TEST_CASE("tern-bench: an old report that cannot be read is refused before anything is measured") {
  const ProgramResult result = run_program("tern-bench", {"--compare", "none.json"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("none.json"));
  CHECK(result.out.empty());
}

}  // namespace tern::test
