// The commands of README's section "Several GPUs", as they stand there, on a small data set.
#include <cstdlib>
#include <fstream>
#include <regex>

#include "tests/apps/ranks_run.h"
#include "tests/support/catch.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;

const fs::path kSource = default_fixtures() / "../..";

// The indented lines of a section.
std::vector<std::string> commands_of(const std::string& section) {
  std::vector<std::string> commands;
  bool inside = false;
  for (const std::string& line : lines_of(kSource / "README.md")) {
    if (line.starts_with("## ")) inside = line == "## " + section;
    if (inside && line.starts_with("    ")) commands.push_back(line.substr(4));
  }
  return commands;
}

// What the commands need, as their readers have it.
void write_inputs(const fs::path& folder) {
  fs::copy(kSource / "configs", folder / "configs", fs::copy_options::recursive);
  fs::create_directories(folder / "data/imagenet");
  fs::copy(digits() / "train", folder / "data/imagenet/train", fs::copy_options::recursive);
  fs::copy(digits() / "test", folder / "data/imagenet/val", fs::copy_options::recursive);
  write_bytes(folder / "hosts", "localhost slots=8\n");
}

// Appended to a command, so that it takes seconds: without the teacher, ImageNet and a GPU.
std::string smaller() {
  std::string overrides;
  for (const char* field :
       {R"(model={"family":"resnet","block":"sttn","stem":"cifar","widths":[8],"depths":[1]})", "device=cpu",
        "threads=1", "data.workers=1", "input.size=16", "input.resize=16", "training.batch_size=40",
        "training.epochs=1", "training.loss=cross_entropy", "training.teacher=", "training.teacher_model="}) {
    overrides += std::string(" --set '") + field + "'";
  }
  return overrides;
}

TEST_CASE("README, Several GPUs: each command trains, in as many processes as it says", "[plain]") {
  if (!kHasMpi) return;
  // mpirun in a container, and where there are fewer cores than processes.
  setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
  setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
  setenv("OMPI_MCA_rmaps_base_oversubscribe", "1", 1);
  setenv("bin", TERN_PROGRAMS, 1);
  const std::vector<std::string> commands = commands_of("Several GPUs");
  REQUIRE(commands.size() >= 2);
  for (const std::string& command : commands) {
    INFO(command);
    const TemporaryDirectory folder;
    write_inputs(folder.path());
    ProgramOptions options;
    options.directory = folder.path();
    const ProgramResult result = run_program("/bin/sh", {"-c", command + smaller()}, options);
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    std::smatch ranks;
    REQUIRE(std::regex_search(command, ranks, std::regex("(--ranks|-np) ([0-9]+)")));
    CHECK_THAT(result.err, Contains("processes: " + ranks[2].str()));
    CHECK(fs::exists(folder / "runs/imagenet_resnet18_sttn/last.safetensors"));
  }
}

}  // namespace
}  // namespace tern::test
