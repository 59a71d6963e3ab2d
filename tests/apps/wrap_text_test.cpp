#include "tern/apps/console/wrap_text.h"

#include "tests/support/catch.h"

namespace tern {
namespace {

TEST_CASE("wrap_text: lines that fit stay as they are") {
  const std::string text = "one two\n\n  --a      why\n";
  CHECK(wrap_text(text, 14) == text);
  CHECK(wrap_text("", 10).empty());
}

TEST_CASE("wrap_text: what is broken off is indented as what it continues") {
  CHECK(wrap_text("one two three four", 9) == "one two\nthree\nfour");
  CHECK(wrap_text("one two three four", 9, 2) == "one two\n  three\n  four");
  CHECK(wrap_text("  one two three\nfour", 9) == "  one two\n  three\nfour");
  CHECK(wrap_text("  -a INT  one two three", 20) == "  -a INT  one two\n          three");
}

TEST_CASE("wrap_text: a word longer than a line stays whole, and UTF-8 is counted by characters") {
  CHECK(wrap_text("a bbbbbbbbbbbb c", 5) == "a\nbbbbbbbbbbbb\nc");
  CHECK(wrap_text("äöü äöü äöü", 7) == "äöü äöü\näöü");
}

}  // namespace
}  // namespace tern
