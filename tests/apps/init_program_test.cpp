// tern-train with init.from: the weights of another run's checkpoint.
#include <fmt/format.h>

#include "tern/core/safetensors.h"
#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

using Catch::Contains;

ProgramResult train_from(const TemporaryDirectory& folder, const std::string& file,
                         std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.end(), {"--set", "init.from=" + file, "--set", "training.epochs=1"});
  return train(folder.path(), arguments);
}

std::string best() {
  return (finished_run() / "best.safetensors").string();
}

TEST_CASE("tern-train: init.from says what it takes, and the weights are those of the file") {
  const TemporaryDirectory folder;
  // Of a rate this small nothing but the statistics of the norms moves.
  const ProgramResult result =
      train_from(folder, best(), {"--set", "optimizer.name=sgd", "--set", "optimizer.lr=1e-30"});
  require_success(result);
  CHECK_THAT(result.err, Contains("init.from: " + best()) && Contains("tensors taken, 0 made anew, 0 left"));
  const auto before = tensor_bytes(best()), after = tensor_bytes(folder / "run/last.safetensors");
  for (const auto& [name, bytes] : before) {
    INFO(name);
    if (name.ends_with(".weight")) CHECK(after.at(name) == bytes);
  }
}

TEST_CASE("tern-train: a network for other weights starts from the file, and resumes without it") {
  const TemporaryDirectory folder;
  const std::string copy = folder / "start.safetensors";
  std::filesystem::copy_file(best(), copy);
  require_success(train_from(folder, copy, {"--set", "model.weights=twn"}));
  std::filesystem::remove(copy);
  require_success(train(folder.path(), {"--resume", "--set", "init.from=" + copy, "--set",
                                        "model.weights=twn", "--set", "training.epochs=2"}));
}

TEST_CASE("tern-train: an init.from that is no checkpoint or does not fit is refused before the first step") {
  const TemporaryDirectory folder;
  check_refused(train_from(folder, "missing.safetensors"), {"missing.safetensors"});
  check_refused(train_from(folder, best(), {"--set", "model.widths=[4,8]"}),
                {"init.from", "have another shape"});
}

TEST_CASE(
    "tern-train: the filters of a whitened stem come from the images and stay, also over a resumption") {
  const TemporaryDirectory folder;
  std::vector<std::string> arguments{"--set", "model.stem=whitened", "--set", "training.epochs=1"};
  const ProgramResult result = train(folder.path(), arguments);
  require_success(result);
  CHECK_THAT(result.err, Contains(fmt::format("whitening: by {} images", kTrainingImages)));
  const std::string filters = "features.0.whitening.weight", bias = "features.0.whitening.bias";
  const auto first = tensor_bytes(folder / "run/last.safetensors");

  arguments.back() = "training.epochs=2";
  arguments.emplace_back("--resume");
  const ProgramResult resumed = train(folder.path(), arguments);
  require_success(resumed);
  CHECK_THAT(resumed.err, !Contains("whitening"));
  const auto second = tensor_bytes(folder / "run/last.safetensors");
  CHECK(second.at(filters) == first.at(filters));
  CHECK(second.at(bias) != first.at(bias));

  const TemporaryDirectory fewer;
  require_success(train(fewer.path(), {"--set", "model.stem=whitened", "--set", "training.epochs=1", "--set",
                                       "init.whitening_images=20"}));
  CHECK(tensor_bytes(fewer / "run/last.safetensors").at(filters) != first.at(filters));
}

}  // namespace
}  // namespace tern::test
