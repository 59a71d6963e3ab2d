// The programs on the devices of this build and machine, and on those that are not there.
#include <signal.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "tern/core/device_choice.h"
#include "tern/core/safetensors.h"
#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;

bool has_usable_gpu() {
  const auto devices = available_devices();
  return devices.size() > 1 && devices[1].problem.empty();
}

/// Fewer steps than small_config(): an emulated GPU takes its time.
const std::vector<std::string> kOnGpu{"--set", "device=cuda",      "--set", "training.batch_size=20",
                                      "--set", "training.epochs=1"};

TEST_CASE("tern-train: a device that is not there is refused in no time, before anything is written") {
  const TemporaryDirectory folder;
  digits();  // made now, so that no time goes into it below
  for (const std::string device : {"cuda", "cuda:9"}) {
    if (device == "cuda" && has_usable_gpu()) continue;
    const auto start = std::chrono::steady_clock::now();
    const ProgramResult result = train(folder.path(), {"--set", "device=" + device});
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
    check_refused(result, {"device \"" + device + "\": ", "available: cpu", "or set device to auto"});
#ifndef TERN_WITH_CUDA
    check_refused(result, {"no CUDA backend", "install the CUDA toolkit", "-DTERN_CUDA=ON"});
#endif
  }
  CHECK_FALSE(fs::exists(folder / "run"));
}

TEST_CASE("tern-train: says what it trains on", "[plain]") {
  const TemporaryDirectory folder;
  const ProgramResult result = train(folder.path(), {"--set", "device=cpu", "--set", "training.epochs=1"});
  require_success(result);
  CHECK_THAT(result.err, Contains("device: cpu"));
}

TEST_CASE("tern-evaluate, tern-merge: a device that is not there is refused before anything is read") {
  const TemporaryDirectory folder;
  check_refused(run_program("tern-evaluate", {"none", "--data", "none", "--device", "cuda:9"}),
                {"device \"cuda:9\"", "available: cpu"});
  check_refused(run_program("tern-merge", {"none", "-o", folder / "merged", "--check", "--device", "cuda:9"}),
                {"device \"cuda:9\"", "available: cpu"});
  check_refused(run_program("tern-evaluate", {"none", "--data", "none", "--device", "gpu"}),
                {"device: expected auto, cpu, cuda or cuda:N, got \"gpu\""});
}

TEST_CASE("tern-train: on a GPU, stopped within an epoch and resumed, it ends with the same bytes") {
  if (!has_usable_gpu()) {
    WARN("skipped: no CUDA device");
    return;
  }
  const TemporaryDirectory undisturbed, folder;
  require_success(train(undisturbed.path(), kOnGpu));
  const ProgramResult stopped = train(folder.path(), kOnGpu, signal_after(SIGINT, 3, folder.path()));
  INFO(stopped.err);
  REQUIRE(stopped.exit_code == 130);
  std::vector<std::string> resume = kOnGpu;
  resume.push_back("--resume");
  require_success(train(folder.path(), resume));
  for (const char* name : {"last.safetensors", "best.safetensors"}) {
    CHECK(read_bytes(folder / "run" / name) == read_bytes(undisturbed / "run" / name));
  }
}

TEST_CASE("tern-train: on a GPU in bf16 it trains, and what it leaves merges") {
  if (!has_usable_gpu()) {
    WARN("skipped: no CUDA device");
    return;
  }
  const TemporaryDirectory folder;
  std::vector<std::string> arguments = kOnGpu;
  arguments.insert(arguments.end(), {"--set", "precision=bf16"});
  require_success(train(folder.path(), arguments));
  const ProgramResult check = run_program(
      "tern-merge",
      {folder / "run/last.safetensors", "-o", folder / "merged.safetensors", "--check", "--device", "cuda"});
  require_success(check);
  CHECK_THAT(check.out, Contains("equal to the bit"));
}

TEST_CASE("tern-train: --memory says on a GPU what a step takes, and which engines") {
  if (!has_usable_gpu()) {
    WARN("skipped: no CUDA device");
    return;
  }
  const TemporaryDirectory folder;
  std::vector<std::string> arguments = kOnGpu;
  arguments.push_back("--memory");
  const ProgramResult result = train(folder.path(), arguments);
  require_success(result);
  CHECK_THAT(result.out, Contains("forward and backward of 20 images: "));
  // The first convolution, of as many images as a step has, and its weight gradient; the data gradient of a
  // ternary one.
  const std::string images = fmt::format("(20, {0}, {0}, 3)", kImageSize);
  for (const std::string& line :
       {"  conv2d of f32 x " + images, "  conv2d_backward_weights of f32 x " + images,
        std::string("  conv2d_backward_data of f32 x ")}) {
    CHECK_THAT(result.out, Contains(line));
  }
  CHECK_THAT(result.out, Contains(", workspace "));
  CHECK_FALSE(fs::exists(folder / "run"));
}

TEST_CASE(
    "tern-train: on a GPU, a run that blows up names epoch, step and the first layer, and saves none of it") {
  if (!has_usable_gpu()) {
    WARN("skipped: no CUDA device");
    return;
  }
  const TemporaryDirectory folder;
  std::vector<std::string> arguments = kOnGpu;
  for (const char* set : {"schedule.name=constant", "optimizer.lr=1e30", "checkpoint.every_steps=2"}) {
    arguments.insert(arguments.end(), {"--set", set});
  }
  // The first step leaves weights that overflow the convolution before the first batch norm in the second.
  check_refused(train(folder.path(), arguments),
                {"epoch 1, step 2: features.1: mean or variance of the batch is NaN", "optimizer.lr"});
  const auto last = SafetensorsFile::open(folder / "run/last.safetensors");
  CHECK(last.metadata().at("step") == "0");  // as before the first step
}

TEST_CASE("tern-merge, tern-evaluate: on a GPU, the merged model gives the answers of its pair") {
  if (!has_usable_gpu()) {
    WARN("skipped: no CUDA device");
    return;
  }
  const TemporaryDirectory folder;
  const fs::path pair = finished_run() / "best.safetensors", merged = folder / "merged.safetensors";
  const ProgramResult check = run_program("tern-merge", {pair, "-o", merged, "--check", "--device", "cuda"});
  require_success(check);
  CHECK_THAT(check.out, Contains("equal to the bit"));
  const auto answers = [](const fs::path& model) {
    const ProgramResult result =
        run_program("tern-evaluate", {model, "--data", digits() / "test", "--json", "--device", "cuda"});
    require_success(result);
    return nlohmann::json::parse(result.out);
  };
  CHECK(answers(pair) == answers(merged));
}

}  // namespace
}  // namespace tern::test
