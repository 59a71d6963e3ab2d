#include "tern/core/c_locale.h"

#include <clocale>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tern/core/strict_json.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern {
namespace {

/// Whether the process now has a locale whose decimal point is a comma, made in `folder`.
bool set_comma_locale(const std::filesystem::path& folder) {
  const std::string make =
      "localedef -c -i de_DE -f ISO-8859-1 '" + (folder / "comma").string() + "' 2>/dev/null";
  if (std::system(make.c_str()) == -1) return false;
  setenv("LOCPATH", folder.c_str(), 1);
  return std::setlocale(LC_NUMERIC, "comma") != nullptr && *localeconv()->decimal_point == ',';
}

TEST_CASE("C locale: numbers in JSON have a point whatever the locale of the process is") {
  const test::TemporaryDirectory folder;
  if (!set_comma_locale(folder.path())) {
    WARN("skipped: no localedef");
    return;
  }
  CHECK(std::strtod("1.5", nullptr) == 1.0);
  CHECK(parse_strict_json("1.5", "text").get<double>() == 1.5);
  {
    const CLocale locale;
    // As another thread would in the middle of a file.
    std::setlocale(LC_NUMERIC, "C");
    std::setlocale(LC_NUMERIC, "comma");
    CHECK(std::strtod("1.5", nullptr) == 1.5);
  }
  CHECK(std::strtod("1.5", nullptr) == 1.0);
  std::setlocale(LC_NUMERIC, "C");
  unsetenv("LOCPATH");
}

}  // namespace
}  // namespace tern
