#include <nlohmann/json.hpp>
#include <numeric>

#include "tern/benchmarks/support/int8_products.h"
#include "tern/benchmarks/support/peak_probe.h"
#include "tern/benchmarks/support/report_comparison.h"
#include "tern/benchmarks/support/report_table.h"
#include "tern/benchmarks/support/roofline_plot.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/temporary_directory.h"

namespace tern::bench {
namespace {

using Catch::Contains;

nlohmann::ordered_json row(const char* name, double lower, double median, double upper) {
  return {{"case", name},
          {"implementation", "tern"},
          {"shape", "(1)"},
          {"batch", 1},
          {"threads", 1},
          {"device", "cpu"},
          {"verified", true},
          {"median_seconds", median},
          {"quartile_seconds", {lower, upper}},
          {"gmac_per_second", 1.0}};
}

nlohmann::ordered_json report(std::initializer_list<nlohmann::ordered_json> rows) {
  nlohmann::ordered_json json{{"machine", nlohmann::ordered_json::object()},
                              {"peaks", nullptr},
                              {"rows", nlohmann::ordered_json::array()}};
  for (const auto& each : rows) json["rows"].push_back(each);
  return json;
}

Row measured(double macs, double bytes, double seconds) {
  Row result;
  result.case_name = "layer/<1>";
  result.implementation = "tern";
  result.verified = true;
  result.macs = macs;
  result.bytes = bytes;
  result.timing = {seconds, seconds, seconds, 1};
  return result;
}

/// An attribute of the element that begins at `from`.
std::string attribute(const std::string& svg, std::size_t from, const std::string& name) {
  const std::size_t begin = svg.find(" " + name + "=\"", from) + name.size() + 3;
  return svg.substr(begin, svg.find('"', begin) - begin);
}

struct Dot {
  std::string x, y;
};

/// One per row, in their order.
std::vector<Dot> dots_of(const std::string& svg) {
  std::vector<Dot> dots;
  for (std::size_t at = svg.find("<title>"); at != std::string::npos; at = svg.find("<title>", at + 1)) {
    const std::size_t circle = svg.rfind("<circle", at);
    dots.push_back({attribute(svg, circle, "cx"), attribute(svg, circle, "cy")});
  }
  return dots;
}

}  // namespace

TEST_CASE("tern-bench --compare: gives ratios and says which rows are slower") {
  const auto before = report({row("a", 1.9, 2, 2.1), row("b", 1.9, 2, 2.1), row("c", 1.9, 2, 2.1)});
  const auto now = report({row("a", 3.9, 4, 4.1), row("b", 0.9, 1, 1.1), row("c", 1.8, 2.05, 2.3)});
  const std::string text = compare_reports(now, before);
  CHECK_THAT(text, Contains("2.000 x the time  SLOWER  a tern"));
  CHECK_THAT(text, Contains("0.500 x the time  faster  b tern"));
  CHECK_THAT(text, Contains("1.025 x the time          c tern"));
  CHECK_THAT(text, Contains("1 of 3 rows are slower"));
}

TEST_CASE("tern-bench --compare: names rows that only one report has, wrong ones do not count") {
  auto wrong = row("wrong", 1, 1, 1);
  wrong["verified"] = false;
  wrong["median_seconds"] = nullptr;
  auto threads = row("a", 1, 1, 1);
  threads["threads"] = 2;
  const std::string text = compare_reports(report({threads, wrong}), report({row("a", 1, 1, 1), wrong}));
  CHECK_THAT(text, Contains("0 of 0 rows are slower"));
  CHECK_THAT(text, Contains("only in the new report: a tern (1) on cpu, 2 threads"));
  CHECK_THAT(text, Contains("only in the old report: a tern (1) on cpu, 1 threads"));
  CHECK_THAT(text, !Contains("wrong"));
}

TEST_CASE("tern-bench --compare: begins with the commits, reports older than them have none") {
  auto now = report({});
  now["machine"]["commit"] = "1f2e3d4-dirty";
  CHECK_THAT(compare_reports(now, report({})), Catch::StartsWith("commit 1f2e3d4-dirty against unknown\n"));
}

TEST_CASE("tern-bench --compare: a file that is no report is refused with path and reason") {
  const test::TemporaryDirectory folder;
  const auto refused = [&](const char* name, const char* content, const char* reason) {
    const auto path = folder.write(name, std::string_view(content));
    CHECK_THROWS_WITH(read_report(path), Contains(path.string()) && Contains(reason));
  };
  refused("cut.json", "{\"rows\": [", "line 1");
  refused("empty.json", "{}", "rows");
  refused("row.json", "{\"rows\": [{\"case\": \"a\"}]}", "verified");
  refused("machine.json", "{\"rows\": [], \"machine\": null}", "null");
  CHECK_THROWS_WITH(read_report(folder / "none.json"), Contains("none.json"));
  const auto good = folder.write("good.json", report({row("a", 1, 1, 1)}).dump());
  CHECK(read_report(good)["rows"].size() == 1);
}

TEST_CASE("tern-bench: a line of the table has the rates, or says what is wrong") {
  Row good = measured(2e9, 1e6, 0.004);
  good.fraction_of_peak = 0.81;
  good.code = "jit:avx2";
  for (const char* piece : {"layer/<1>", "tern", "4.00 ms", "500.0", "81", "jit:avx2\n"}) {
    CHECK_THAT(table_line(good), Contains(piece));
  }
  Row bad;
  bad.problem = "element 3";
  CHECK_THAT(table_line(bad), Contains("WRONG: element 3"));
  bad.skipped = true;
  CHECK_THAT(table_line(bad), Contains("skipped: element 3") && !Contains("WRONG"));
}

TEST_CASE("tern-bench --plot: a dot for each row with multiplications, its case escaped") {
  Row wrong = measured(1e9, 1e6, 1);
  wrong.verified = false;
  const Peaks peaks{{Peak::copy, 10}, {Peak::fp32_fma, 100}};
  const std::string svg = roofline_svg({measured(1e9, 1e8, 0.1), measured(0, 1e8, 0.1), wrong}, peaks);
  CHECK(dots_of(svg).size() == 1);
  CHECK_THAT(svg, Contains("layer/&lt;1&gt;") && Contains("fp32_fma_gmac_per_second 100"));
  CHECK_THAT(svg, !Contains("nan") && !Contains("inf"));
  CHECK_THAT(roofline_svg({}, {}), Contains("</svg>") && !Contains("nan"));
}

TEST_CASE("tern-bench --plot: axes are logarithmic, what is faster is higher, and roofs meet at the ridge") {
  const Peaks peaks{{Peak::copy, 2}, {Peak::fp32_fma, 10}};
  // 0.1, 1 and 10 products a byte at as many GMAC/s; then the ridge.
  const std::string svg = roofline_svg(
      {measured(1e8, 1e9, 1), measured(1e9, 1e9, 1), measured(1e10, 1e9, 1), measured(1e10, 2e9, 1)}, peaks);
  const std::vector<Dot> dots = dots_of(svg);
  REQUIRE(dots.size() == 4);
  std::vector<double> x, y;
  for (const Dot& dot : dots) {
    x.push_back(std::stod(dot.x));
    y.push_back(std::stod(dot.y));
  }
  CHECK(x[1] > x[0]);
  CHECK(x[2] - x[1] == Approx(x[1] - x[0]).margin(0.2));  // one decimal is written
  CHECK(y[1] < y[0]);
  CHECK(y[1] - y[2] == Approx(y[0] - y[1]).margin(0.2));
  CHECK_THAT(svg, Contains("x1=\"" + dots[3].x + "\" y1=\"" + dots[3].y + "\" x2=\"" + dots[2].x +
                           "\" y2=\"" + dots[2].y + "\""));
  CHECK_THAT(svg, Contains("x2=\"" + dots[3].x + "\" y2=\"" + dots[3].y + "\""));
}

TEST_CASE("tern-bench: the probe finds every peak of the CPU, that of ternary products among them") {
  for (const bool held : {false, true}) {
    const Peaks peaks = probe_peaks(Device{}, "portable", held, 0);
    CHECK(peaks.size() == 5);
    for (const auto& [peak, value] : peaks) {
      INFO(to_string(peak));
      CHECK(value > 0);
    }
  }
}

#ifdef TERN_WITH_CUDA
TEST_CASE("tern-bench: the probe's int8 products are as many as it says") {
  Device device;
  if (!test::each_gpu(device)) return;
  const Int8Products products = multiply_int8(device, 2);
  const std::vector<std::int32_t> sums = products.sums.to_vector<std::int32_t>();
  CHECK(std::accumulate(sums.begin(), sums.end(), 0.0) == products.macs);
  CHECK(products.macs >= 2.0 * 16 * 8 * 32);
}

TEST_CASE("tern-bench: the probe finds the peaks of a GPU") {
  Device device;
  if (!test::each_gpu(device)) return;
  const Peaks peaks = probe_peaks(device, "", false, 0);
  CHECK(peaks.size() == 3);
  for (const Peak peak : {Peak::copy, Peak::fp32_fma, Peak::int8_dot}) {
    INFO(to_string(peak));
    CHECK(peaks.at(peak) > 0);
  }
}
#endif

}  // namespace tern::bench
