// The files that fuzzing starts from (tests/fuzz) are good ones: mutations of what is refused at once would
// reach little.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "tern/models/engine/model_reader.h"
#include "tern/models/engine/plan.h"
#include "tern/models/model_file.h"
#include "tests/support/catch.h"

using namespace tern;

namespace {

std::vector<std::filesystem::path> files_in(const char* folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(TERN_FUZZ_CORPUS) / folder)) {
    files.push_back(entry.path());
  }
  return files;
}

}  // namespace

TEST_CASE("fuzz corpus: both loaders take every merged model") {
  const auto files = files_in("merged");
  CHECK(files.size() == 6);  // three of format version 1, two of version 2, one of version 3
  for (const auto& path : files) {
    INFO(path);
    CHECK(load_model(path).merged());
    const auto source = open_file(path);
    engine::ModelReader reader(*source);
    CHECK_NOTHROW(engine::Plan(reader, 1));
  }
}

TEST_CASE("fuzz corpus: there is a checkpoint of every kind of block, and load_model takes it") {
  std::set<std::string> blocks;
  for (const auto& path : files_in("checkpoints")) {
    INFO(path);
    blocks.insert(Json::parse(load_model(path).config->json).at("block"));
  }
  CHECK(blocks == std::set<std::string>{"basic", "bottleneck", "sttn"});
}
