#include "tern/apps/console/program.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>

namespace tern {

int run_program(CLI::App& app, int argc, const char* const* argv, const std::function<int()>& body) {
  const auto fail = [&app](const char* message, int code) {
    fmt::print(stderr, "{}: error: {}\n", app.get_name(), message);
    return code;
  };
  try {
    app.parse(argc, argv);
    return body();
  } catch (const CLI::Success& request) {  // --help and its like
    return app.exit(request);
  } catch (const CLI::ParseError& e) {
    fail(e.what(), kExitUsage);
    fmt::print(stderr, "Run {} --help for the options.\n", app.get_name());
    return kExitUsage;
  } catch (const std::bad_alloc&) {
    return fail("out of memory", kExitFailure);
  } catch (const std::exception& e) {
    return fail(e.what(), kExitFailure);
  }
}

}  // namespace tern
