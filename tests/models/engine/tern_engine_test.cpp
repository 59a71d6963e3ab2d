#include "tern/models/engine/tern_engine.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "tern/data/transforms.h"
#include "tern/models/engine/engine.h"
#include "tern/models/engine/transform_config.h"
#include "tests/models/engine/merged_file.h"
#include "tests/models/resnets.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using namespace tern;
using Catch::Contains;

namespace {

struct Free {
  void operator()(tern_engine* engine) const { tern_engine_free(engine); }
};
using Handle = std::unique_ptr<tern_engine, Free>;

Handle load(const std::string& bytes) {
  tern_engine* engine = nullptr;
  REQUIRE(tern_engine_load_memory(bytes.data(), bytes.size(), 1, &engine) == TERN_ENGINE_OK);
  return Handle(engine);
}

}  // namespace

TEST_CASE("tern_engine: from file and from memory, the logits of the engine and the names of the classes") {
  const test::TemporaryDirectory folder;
  const test::MergedFile file = test::merged_file(test::kSmallPair, test::model_metadata(32, 10));
  const auto path = folder.write("model.safetensors", file.bytes);
  tern_engine* from_file = nullptr;
  REQUIRE(tern_engine_load_file(path.c_str(), 2, &from_file) == TERN_ENGINE_OK);
  const Handle handles[] = {Handle(from_file), load(file.bytes)};

  std::vector<std::uint8_t> pixels(2 * 32 * 32 * 3);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 11 % 256);
  std::vector<float> expected(20), floats;
  const auto source = file.source();
  engine::Engine reference(*source, 1);
  reference.run(pixels.data(), 2, expected.data());
  const engine::PixelTable table = engine::pixel_table(reference.metadata()->input);
  for (std::size_t i = 0; i < pixels.size(); ++i) floats.push_back(table[i % 3][pixels[i]]);
  for (const Handle& engine : handles) {
    CHECK(tern_engine_input_size(engine.get()) == 32);
    REQUIRE(tern_engine_classes(engine.get()) == 10);
    CHECK(std::string(tern_engine_class_name(engine.get(), 9)) == "class 9");
    CHECK(tern_engine_class_name(engine.get(), 10) == nullptr);
    CHECK(tern_engine_class_name(engine.get(), -1) == nullptr);
    std::vector<float> logits(20);
    REQUIRE(tern_engine_run_u8(engine.get(), pixels.data(), 2, 32, 32, logits.data()) == TERN_ENGINE_OK);
    CHECK(std::memcmp(logits.data(), expected.data(), sizeof(float) * 20) == 0);
    std::fill(logits.begin(), logits.end(), 0.0F);
    REQUIRE(tern_engine_run_f32(engine.get(), floats.data(), 2, 32, 32, logits.data()) == TERN_ENGINE_OK);
    CHECK(std::memcmp(logits.data(), expected.data(), sizeof(float) * 20) == 0);
  }
}

TEST_CASE("tern_engine: failures are a status and a text, never an exception") {
  const test::TemporaryDirectory folder;
  tern_engine* engine = reinterpret_cast<tern_engine*>(1);
  CHECK(tern_engine_load_file((folder / "missing").c_str(), 1, &engine) == TERN_ENGINE_BAD_MODEL);
  CHECK(engine == nullptr);
  CHECK_THAT(tern_engine_error(), Contains("missing"));
  CHECK(tern_engine_load_file(folder.path().c_str(), 1, &engine) == TERN_ENGINE_BAD_MODEL);
  CHECK_THAT(tern_engine_error(), Contains("folder"));
  CHECK(tern_engine_load_file(nullptr, 1, &engine) == TERN_ENGINE_BAD_ARGUMENT);
  CHECK_THAT(tern_engine_error(), Contains("path is NULL"));
  CHECK(tern_engine_load_memory(nullptr, 3, 1, &engine) == TERN_ENGINE_BAD_ARGUMENT);
  CHECK_THAT(tern_engine_error(), Contains("model is NULL"));
  CHECK(tern_engine_load_memory("abc", 3, 1, &engine) == TERN_ENGINE_BAD_MODEL);
  CHECK_THAT(tern_engine_error(), Contains("model in memory: byte 3"));
  CHECK(tern_engine_load_memory("abc", 3, 1, nullptr) == TERN_ENGINE_BAD_ARGUMENT);
  CHECK_THAT(tern_engine_error(), Contains("engine is NULL"));
  std::string of_another_thread = "not asked";
  std::thread([&] { of_another_thread = tern_engine_error(); }).join();
  CHECK(of_another_thread.empty());
  tern_engine_free(nullptr);
  CHECK(tern_engine_input_size(nullptr) == 0);
  CHECK(tern_engine_input_height(nullptr) == 0);
  CHECK(tern_engine_input_width(nullptr) == 0);
  CHECK(tern_engine_input_channels(nullptr) == 0);
  CHECK(tern_engine_classes(nullptr) == 0);
  CHECK(tern_engine_class_name(nullptr, 0) == nullptr);
  CHECK(tern_engine_exif_orientation(nullptr) == 1);

  const Handle handle = load(test::merged_file(test::kSmallPair).bytes);
  CHECK(tern_engine_class_name(handle.get(), 0) == nullptr);
  std::vector<float> image(32 * 32 * 3), logits(10);
  const std::vector<std::uint8_t> pixels(image.size());
  const auto run = [&](const float* images, std::size_t count, int height, int width, float* to) {
    return tern_engine_run_f32(handle.get(), images, count, height, width, to);
  };
  const auto refused = [&](tern_engine_status status, const char* text) {
    CHECK(status == TERN_ENGINE_BAD_ARGUMENT);
    CHECK_THAT(tern_engine_error(), Contains(text));
  };
  CHECK(run(image.data(), 1, 32, 32, logits.data()) == TERN_ENGINE_OK);
  refused(run(image.data(), 1, 31, 32, logits.data()), "31x32 pixels, the network takes 32x32");
  refused(run(image.data(), 1, 32, 33, logits.data()), "32x33 pixels, the network takes 32x32");
  refused(run(image.data(), 0, 32, 32, logits.data()), "no images");
  refused(run(nullptr, 1, 32, 32, logits.data()), "images is NULL");
  refused(run(image.data(), 1, 32, 32, nullptr), "logits is NULL");
  CHECK(tern_engine_run_u8(handle.get(), pixels.data(), 1, 32, 32, logits.data()) == TERN_ENGINE_BAD_MODEL);
  CHECK_THAT(tern_engine_error(), Contains("give it floats"));
  image[7] = std::nanf("");
  CHECK(run(image.data(), 1, 32, 32, logits.data()) == TERN_ENGINE_NOT_FINITE);
  CHECK_THAT(tern_engine_error(), Contains("logit 0 of image 0"));
}

TEST_CASE("tern_engine: two threads in one engine: one is served, the other one is told") {
  const Handle handle = load(test::merged_file(test::kSmallPair, test::model_metadata(32, 10)).bytes);
  const std::vector<std::uint8_t> pixels(8 * 32 * 32 * 3);
  std::atomic<bool> told{false};
  const auto run_until_told = [&] {
    std::vector<float> logits(80);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!told && std::chrono::steady_clock::now() < deadline) {
      const auto status = tern_engine_run_u8(handle.get(), pixels.data(), 8, 32, 32, logits.data());
      if (status == TERN_ENGINE_BAD_ARGUMENT &&
          std::string(tern_engine_error()).find("in use by another thread") != std::string::npos) {
        told = true;
      }
    }
  };
  std::thread other(run_until_told);
  run_until_told();
  other.join();
  CHECK(told);
  std::vector<float> logits(80);
  CHECK(tern_engine_run_u8(handle.get(), pixels.data(), 8, 32, 32, logits.data()) == TERN_ENGINE_OK);
}

TEST_CASE("tern_engine: in a process made by fork() an engine of one thread runs, others say why not") {
  const std::string bytes = test::merged_file(test::kSmallPair, test::model_metadata(32, 10)).bytes;
  tern_engine* two_threads = nullptr;
  REQUIRE(tern_engine_load_memory(bytes.data(), bytes.size(), 2, &two_threads) == TERN_ENGINE_OK);
  const Handle several(two_threads), one = load(bytes);
  const std::vector<std::uint8_t> pixels(32 * 32 * 3);
  std::vector<float> logits(10);
  const auto status_of = [&](const Handle& engine) {
    return tern_engine_run_u8(engine.get(), pixels.data(), 1, 32, 32, logits.data());
  };
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);  // ends a child that hangs
    if (status_of(one) != TERN_ENGINE_OK) _exit(1);
    if (status_of(several) != TERN_ENGINE_BAD_ARGUMENT) _exit(2);
    if (std::string(tern_engine_error()).find("fork()") == std::string::npos) _exit(3);
    tern_engine_free(two_threads);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(status_of(several) == TERN_ENGINE_OK);
}

TEST_CASE("tern_engine_prepare: a picture is resized, cropped and normalised as for evaluation") {
  ModelMetadata about{{.size = 32, .resize = 36, .crop = "center", .mean = {0.5, 0.4, 0.3}}, {}};
  for (int i = 0; i < 10; ++i) about.class_names.push_back(std::to_string(i));
  Metadata metadata;
  add_to(metadata, about);
  const Handle handle = load(test::merged_file(test::kSmallPair, metadata).bytes);
  Image picture{50, 70, std::vector<std::uint8_t>(50 * 70 * 3)};
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) picture.pixels[i] = (i * i + i / 70) % 251;
  std::vector<float> image(32 * 32 * 3), expected(image.size());
  Transform(transform_config(about.input), false).apply(picture, {}, expected.data());
  const auto prepare = [&](const Handle& engine, int height, int width) {
    return tern_engine_prepare(engine.get(), picture.pixels.data(), height, width, image.data());
  };
  REQUIRE(prepare(handle, 50, 70) == TERN_ENGINE_OK);
  CHECK(image == expected);

  CHECK(prepare(handle, 0, 70) == TERN_ENGINE_BAD_ARGUMENT);
  CHECK(tern_engine_prepare(handle.get(), nullptr, 50, 70, image.data()) == TERN_ENGINE_BAD_ARGUMENT);
  CHECK(prepare(handle, 1, 1000) == TERN_ENGINE_BAD_ARGUMENT);
  CHECK_THAT(tern_engine_error(), Contains("more than 500 times"));
  CHECK(prepare(load(test::merged_file(test::kSmallPair, test::model_metadata(32, 10)).bytes), 50, 70) ==
        TERN_ENGINE_BAD_ARGUMENT);
  CHECK_THAT(tern_engine_error(), Contains("50x70 pixels") && Contains("crop or resize the picture first"));
  CHECK(prepare(load(test::merged_file(test::kSmallPair).bytes), 50, 70) == TERN_ENGINE_BAD_MODEL);
  CHECK_THAT(tern_engine_error(), Contains("does not say how its images are made"));
}

#ifndef __SANITIZE_ADDRESS__  // which needs more memory than the limit
TEST_CASE("tern_engine: threads that cannot be started are a status") {
  const std::string bytes = test::merged_file(test::kSmallPair, test::model_metadata(32, 10)).bytes;
  const pid_t child = fork();
  if (child == 0) {
    const rlimit limit{1'000'000'000, 1'000'000'000};  // stacks of 8 MB for about a hundred threads
    setrlimit(RLIMIT_AS, &limit);
    tern_engine* engine = nullptr;
    const auto status = tern_engine_load_memory(bytes.data(), bytes.size(), 512, &engine);
    if (status != TERN_ENGINE_FAILED && status != TERN_ENGINE_OUT_OF_MEMORY) _exit(1);
    if (engine != nullptr) _exit(2);
    const bool told =
        std::string(tern_engine_error()).find("of 512 threads can be started") != std::string::npos;
    if (status == TERN_ENGINE_FAILED && !told) _exit(3);
    _exit(tern_engine_load_memory(bytes.data(), bytes.size(), 1, &engine) == TERN_ENGINE_OK ? 0 : 4);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
#endif
