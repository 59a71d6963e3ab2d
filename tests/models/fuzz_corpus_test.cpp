// The files that fuzzing starts from (tests/fuzz) are good ones: mutations of what is refused at once would
// reach little.
#include <filesystem>

#include "models/engine/model_reader.h"
#include "models/engine/plan.h"
#include "models/model_file.h"
#include "tests/support/catch.h"

using namespace tern;

TEST_CASE("fuzz corpus: every file is a merged model") {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TERN_FUZZ_CORPUS)) {
    INFO(entry.path());
    CHECK_NOTHROW(load_model(entry.path()));
    const auto source = open_file(entry.path());
    engine::ModelReader reader(*source);
    CHECK_NOTHROW(engine::Plan(reader, 1));
    ++files;
  }
  CHECK(files == 3);
}
