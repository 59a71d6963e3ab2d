#include "tern/apps/console/man_page.h"

#include "tests/support/catch.h"

namespace tern {
namespace {

TEST_CASE("man_page: name, synopsis, groups, commands and sections, in that order") {
  Manual digits{"digits", "draw digits", "[OPTIONS] OUT", {}, {}, {}};
  digits.groups.push_back({"Options", {{"--seed UINT=1", "of chance"}}});
  const Manual manual{"tern-data",
                      "Makes data; of many kinds.",
                      "COMMAND [OPTIONS]",
                      {{"Options", {{"-h,--help", "print it"}}}},
                      {digits},
                      {{"Configuration", "seed: 1\n    of all"}}};
  CHECK(man_page(manual, "1.2.3") ==
        ".TH TERN\\-DATA 1 \"\" \"Tern 1.2.3\" \"Tern\"\n"
        ".SH NAME\ntern\\-data \\- makes data\n"
        ".SH SYNOPSIS\n.B tern\\-data\nCOMMAND [OPTIONS]\n"
        ".SH DESCRIPTION\nMakes data; of many kinds.\n"
        ".SH OPTIONS\n.TP\n.B \\-h,\\-\\-help\nprint it\n"
        ".SH COMMANDS\n.SS digits [OPTIONS] OUT\ndraw digits\n.TP\n.B \\-\\-seed UINT=1\nof chance\n"
        ".SH CONFIGURATION\n.nf\nseed: 1\n    of all\n.fi\n");
}

TEST_CASE("man_page: what roff would take for a request or an escape is text") {
  Manual manual{"a", "Sets\n.pth and \\n", "", {}, {}, {}};
  manual.groups.push_back({"Options", {{"--x", "'a' of .b"}}});
  const std::string page = man_page(manual, "1");
  CHECK(page.find("\n\\&.pth and \\en\n") != std::string::npos);
  CHECK(page.find("\n\\&'a' of .b\n") != std::string::npos);
}

}  // namespace
}  // namespace tern
