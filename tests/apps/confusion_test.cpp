#include "tern/apps/report/confusion.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

using Catch::Contains;

ConfusionMatrix three_classes() {
  return {{"cat", "a, \"b\"", "<none>"}, {{3, 1, 0}, {0, 0, 4}, {0, 0, 0}}};
}

TEST_CASE("confusion: the table names classes as RFC 4180 asks, and reads back") {
  const std::string text = confusion_csv(three_classes());
  CHECK(text ==
        "true class,cat,\"a, \"\"b\"\"\",<none>\n"
        "cat,3,1,0\n"
        "\"a, \"\"b\"\"\",0,0,4\n"
        "<none>,0,0,0\n");
  const ConfusionMatrix again = parse_confusion_csv(text, "c.csv");
  CHECK(again.classes == three_classes().classes);
  CHECK(again.counts == three_classes().counts);
}

TEST_CASE("confusion: another table is refused") {
  CHECK_THROWS_WITH(parse_confusion_csv("", "c.csv"), Contains("c.csv: is empty"));
  CHECK_THROWS_WITH(parse_confusion_csv("x,a,b\na,1,2\n", "c.csv"),
                    Contains("1 rows, expected one for each of 2"));
  CHECK_THROWS_WITH(parse_confusion_csv("x,a\nb,1\n", "c.csv"),
                    Contains("c.csv:2: expected the row of class \"a\""));
  CHECK_THROWS_WITH(parse_confusion_csv("x,a\na,-1\n", "c.csv"),
                    Contains("c.csv:2: expected a count, got \"-1\""));
}

TEST_CASE("confusion: the picture has a cell for each count, the table the worst class first") {
  const std::string html = confusion_html(three_classes(), "epoch 2");
  CHECK_THAT(html, Contains("<title>cat, taken for cat: 3 of 4</title>") &&
                       Contains("<title>cat, taken for a, &quot;b&quot;: 1 of 4</title>") &&
                       Contains("taken for &lt;none&gt;: 4 of 4") && Contains("Confusion matrix, epoch 2"));
  CHECK_THAT(html, !Contains("0 of"));
  const auto worst = html.find("<td>a, &quot;b&quot;</td><td>4</td><td>0.00%</td><td>&lt;none&gt; (4)</td>");
  const auto best = html.find("<td>cat</td><td>4</td><td>75.00%</td><td>a, &quot;b&quot; (1)</td>");
  CHECK(worst < best);
  CHECK(best != std::string::npos);
  CHECK_THAT(html, !Contains("<td>&lt;none&gt;</td>"));  // it has no images
}

TEST_CASE("confusion: a matrix too large for a picture is left to the table") {
  ConfusionMatrix large;
  for (int i = 0; i < 101; ++i) large.classes.push_back(std::to_string(i));
  large.counts.assign(101, std::vector<std::int64_t>(101, 1));
  CHECK_THAT(confusion_html(large, "epoch 1"),
             !Contains("<svg") && Contains("confusion.csv has the matrix of 101"));
}

}  // namespace
}  // namespace tern
