#include "tern/apps/report/report.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tern/apps/report/svg_chart.h"
#include "tern/core/error.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

using Catch::Contains;

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t number = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++number;
  return number;
}

/// A run whose validation accuracy is highest in epoch 2 of 3.
Metrics three_epochs() {
  return {{"conv<1>", "conv2"},
          {{1, 10, 2.0, 0.2, 2.1, 0.21, 0.005, 800, 60, {0.1, 0.2}},
           {2, 20, 1.5, 0.4, 1.9, 0.4321, 0.003, 810, 60, {0.15, 0.25}},
           {3, 30, 1.25, 0.5, 2.0, 0.39, 0.001, 12345, 60, {0.2, 0.3}}}};
}

TEST_CASE("report: ticks are round numbers within the range") {
  CHECK(round_ticks(0.0, 10.0, 5) == std::vector<double>{0, 2, 4, 6, 8, 10});
  CHECK(round_ticks(1.0, 256.0, 8) == std::vector<double>{50, 100, 150, 200, 250});
  CHECK(round_ticks(-1.0, 1.0, 4) == std::vector<double>{-1, -0.5, 0, 0.5, 1});
  const std::vector<double> small = round_ticks(0.0, 0.005, 5);
  REQUIRE(small.size() == 6);
  CHECK(small[5] == Approx(0.005));
  CHECK_FALSE(std::signbit(round_ticks(-1e-12, 10.0, 5).front()));
  for (double high = 1e-6; high < 1e9; high *= 1.37) {
    const std::size_t ticks = round_ticks(0.3 * high, high, 5).size();
    CAPTURE(high);
    CHECK(ticks >= 3);
    CHECK(ticks <= 9);
  }
}

TEST_CASE("report: text is escaped") {
  CHECK(escape_html("a<b> & \"c\" 'd'") == "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  const std::string page = render_report({"<script>x</script>", three_epochs(), "{\"a\": \"</pre><b>\"}"});
  CHECK_THAT(page,
             Contains("&lt;script&gt;x") && Contains("&lt;/pre&gt;&lt;b&gt;") && Contains("conv&lt;1&gt;"));
  CHECK_THAT(page, !Contains("<script") && !Contains("conv<1>"));
}

TEST_CASE("report: a curve runs through its points and has gaps where nothing was measured") {
  Chart chart;
  chart.title = "t";
  chart.x = {1, 2, 3, 4, 5};
  chart.series = {{"s", "red", {0, 10, NAN, 5, INFINITY}}};
  const std::string svg = svg_chart(chart);
  // The plot is 490 wide from 56 and 212 high above 222; the range of y is 0 to 10.4.
  CHECK_THAT(svg, Contains("d=\"M56.0 222.0h0L178.5 18.2M423.5 120.1h0\""));
  CHECK_THAT(svg, !Contains("nan") && !Contains("inf"));
  CHECK(occurrences(svg, "<circle") == 1);
}

TEST_CASE("report: a legend stands where there are several curves") {
  Chart chart;
  chart.x = {1, 2};
  chart.series = {{"one", "red", {0, 1}}};
  CHECK_THAT(svg_chart(chart), !Contains("legend"));
  chart.series.push_back({"two", "blue", {1, 0}});
  CHECK_THAT(svg_chart(chart), Contains("<li style=\"--c:red\">one</li>") && Contains("two</li>"));
}

TEST_CASE("report: one epoch, equal values and no values draw without NaN") {
  Metrics metrics = three_epochs();
  metrics.epochs.resize(1);
  CHECK_THAT(render_report({"r", metrics, "{}"}), !Contains("nan") && !Contains("inf\""));
  metrics.epochs[0].validation_accuracy = metrics.epochs[0].validation_loss = NAN;
  metrics.epochs[0].train_accuracy = metrics.epochs[0].train_loss = 0.0;
  CHECK_THAT(render_report({"r", metrics, "{}"}), !Contains("nan") && !Contains("inf\"") && Contains("–"));
  metrics.epochs.clear();
  CHECK_THAT(render_report({"r", metrics, "{}"}), Contains("No epoch is complete"));
}

TEST_CASE("report: the table shows the best and the last epoch") {
  const std::string page = render_report({"r", three_epochs(), "{}"});
  CHECK_THAT(page,
             Contains("<td>best</td><td>2</td><td>1.5000</td><td>40.00%</td><td>1.9000</td><td>43.21%</td>"
                      "<td>20.00%</td><td>0.003</td><td>810 img/s</td>"));
  CHECK_THAT(page, Contains("<td>last</td><td>3</td>") && Contains("3 epochs in 3:00"));
}

TEST_CASE("report: the page has four charts and refers to nothing outside") {
  const std::string page = render_report({"r", three_epochs(), "{\"seed\": 1}"});
  CHECK(occurrences(page, "<svg") == 4);
  CHECK_THAT(page, !Contains("http") && !Contains("<script") && !Contains("<link") && !Contains("src="));
  CHECK_THAT(page, Contains("{&quot;seed&quot;: 1}") && Contains("prefers-color-scheme: dark"));
  Metrics dense = three_epochs();
  dense.layers.clear();
  CHECK(occurrences(render_report({"r", dense, "{}"}), "<svg") == 3);
}

TEST_CASE("report: a note stands above the results") {
  const std::string page = render_report({"r", three_epochs(), "{}", "stopped <early>"});
  CHECK(page.find("<p class=\"card\">stopped &lt;early&gt;</p>") < page.find("<svg"));
}

TEST_CASE("report: the file replaces the one before and leaves no other") {
  namespace fs = std::filesystem;
  std::string folder = (fs::temp_directory_path() / "tern_report_XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  const std::string path = folder + "/report.html";
  write_report(path, {"first", three_epochs(), "{}"});
  write_report(path, {"second", three_epochs(), "{}"});
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  CHECK(text.str() == render_report({"second", three_epochs(), "{}"}));
  CHECK(std::distance(fs::directory_iterator(folder), fs::directory_iterator()) == 1);
  fs::remove_all(folder);
  CHECK_THROWS_WITH(write_report(path, {"third", three_epochs(), "{}"}),
                    Contains("cannot create") && Contains("report.html.tmp"));
}

}  // namespace
}  // namespace tern
