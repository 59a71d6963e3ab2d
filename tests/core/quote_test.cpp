#include "tern/core/quote.h"

#include "tests/support/catch.h"

namespace tern {
namespace {

TEST_CASE("quote: what is printable stays, what steers a terminal is escaped") {
  CHECK(printable("gr\xc3\xb8n, 12 %\n\tnext") == "gr\xc3\xb8n, 12 %\n\tnext");
  CHECK(printable("a\x1b[2Jb\rc\x7f") == "a\\u001b[2Jb\\u000dc\\u007f");
  CHECK(printable("a\xc2\x9b"
                  "2J") == "a\\u009b2J");
  CHECK(printable("gren\xf8") == "gren\xef\xbf\xbd");
}

TEST_CASE("quote: UTF-8 is told from what is none") {
  CHECK(is_utf8("gr\xc3\xb8n"));
  CHECK(is_utf8(""));
  CHECK_FALSE(is_utf8("gren\xf8"));
}

}  // namespace
}  // namespace tern
