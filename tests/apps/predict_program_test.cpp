// Pictures classified by a merged model: tern-predict, and the C program on the engine's library.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tern/core/safetensors.h"
#include "tern/data/image_file.h"
#include "tern/data/jpeg.h"
#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;
using nlohmann::json;

const fs::path& merged_model() {
  static const fs::path path = merged_once("merged", finished_run() / "best.safetensors");
  return path;
}

ProgramResult predict(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), merged_model());
  return run_program("tern-predict", arguments);
}

json predictions(const std::vector<std::string>& images, const std::vector<std::string>& options = {}) {
  std::vector<std::string> arguments = images;
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.emplace_back("--json");
  const ProgramResult result = predict(arguments);
  require_success(result);
  return json::parse(result.out);
}

TEST_CASE("tern-predict: the most probable classes by name, the first one first") {
  const std::vector<std::string> images = some_digits(12);
  const json all = predictions(images, {"--top", "20"});
  REQUIRE(all.size() == images.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    CHECK(all[i].at("image") == images[i]);
    const json& list = all[i].at("predictions");
    REQUIRE(list.size() == 10);  // there are no more classes
    double sum = 0, last = 1;
    for (const json& prediction : list) {
      const double probability = prediction.at("probability");
      CHECK(probability <= last);
      CHECK(std::log(probability / list[0].at("probability").get<double>()) ==
            Approx(prediction.at("logit").get<double>() - list[0].at("logit").get<double>()).margin(1e-9));
      CHECK(prediction.at("class") ==
            std::to_string(prediction.at("index").get<int>()));  // the digits' names
      sum += last = probability;
    }
    CHECK(sum == Approx(1));
  }
  const json two = predictions({images[0]}, {"--top", "2"});
  REQUIRE(two[0].at("predictions").size() == 2);
  CHECK(two[0].at("predictions")[1] == all[0].at("predictions")[1]);
  CHECK(predictions(images, {"--top", "20", "--threads", "3"}) == all);

  const ProgramResult text = predict({images[0], "--top", "1"});
  require_success(text);
  const json& best = two[0].at("predictions")[0];
  CHECK(text.out == fmt::format("{}\n  {:>6.2f} %  {}\n", images[0],
                                100 * best.at("probability").get<double>(),
                                best.at("class").get<std::string>()));
}

TEST_CASE(
    "tern-predict: PNG and WebP, and images that EXIF turns where the model's input does not say otherwise") {
  const TemporaryDirectory folder;
  json input = json::parse(SafetensorsFile::open(merged_model()).metadata().at("input"));
  input["crop"] = "center";
  const auto logits = [&](const std::string& image) {
    rewrite_metadata(merged_model(), folder / "model", "input", input.dump());
    const ProgramResult result =
        run_program("tern-predict", {folder / "model", default_fixtures() / "images" / image, "--json"});
    require_success(result);
    return json::parse(result.out)[0].at("predictions");
  };
  const json upright = logits("rgb.png");
  CHECK(logits("rgb_lossless.webp") == upright);
  CHECK(logits("turned_6.png") != upright);
  input["exif_orientation"] = false;
  CHECK(logits("turned_6.png") == upright);
  const json on_white = logits("rgba.png");
  input["background"] = {0, 0, 0};
  CHECK(logits("rgba.png") != on_white);
}

TEST_CASE("tern-predict: a bad image is named, the others are done, and the exit code tells") {
  const TemporaryDirectory folder;
  const std::vector<std::string> images = some_digits(2);
  const fs::path broken = folder.write("bro\xf8ken\x1b[2J.jpg", "GIF89a");
  const ProgramResult result = predict({images[0], broken, images[1], "--json", "--top", "1"});
  CHECK(result.exit_code == 1);
  const json all = json::parse(result.out);
  REQUIRE(all.size() == 3);
  CHECK(all[0] == predictions({images[0]}, {"--top", "1"})[0]);
  CHECK_THAT(all[1].at("error").get<std::string>(), Contains("is a GIF"));
  CHECK(all[2] == predictions({images[1]}, {"--top", "1"})[0]);
  CHECK_THAT(result.err, Contains("is a GIF") && Contains("\\u001b[2J") && !Contains("\x1b"));

  const ProgramResult text = predict({broken, images[0], "--top", "1"});
  CHECK(text.exit_code == 1);
  CHECK_THAT(text.out, Catch::StartsWith(images[0]));
}

TEST_CASE("tern-predict: a file that is no merged model or no image is refused with what to do") {
  const TemporaryDirectory folder;
  const std::string image = some_digits(1).front();
  const auto refused = [&](const fs::path& model, const std::vector<std::string>& pieces) {
    check_refused(run_program("tern-predict", {model, image}), pieces);
  };
  refused(folder / "none", {"none", "No such file"});
  refused(folder.path(), {"a folder"});
  refused(image, {"is this a", "safetensors file"});

  check_refused(predict({folder / "none.jpg"}), {"none.jpg: no such file"});
  check_refused(predict({folder.path()}), {"has no .jpg"});
  check_refused(predict({merged_model()}), {"is not a JPEG"});
  const auto large =
      folder.write("large.jpg", encode_jpeg({40, 33, std::vector<std::uint8_t>(40 * 33 * 3)}, 90));
  check_refused(predict({large}), {"large.jpg", "40x33", "resize the picture"});

  for (const std::vector<std::string>& arguments : {std::vector<std::string>{merged_model()},
                                                    {merged_model(), image, "--top", "0"},
                                                    {merged_model(), image, "--no"}}) {
    const ProgramResult usage = run_program("tern-predict", arguments);
    CHECK(usage.exit_code == 2);
    CHECK_THAT(usage.err, Contains("tern-predict: error: ") && Contains("tern-predict --help"));
  }
}

TEST_CASE(
    "tern-predict, tern-evaluate: --max-megapixels is a way around the limit, as data.max_megapixels is") {
  const TemporaryDirectory folder;
  const auto large =
      folder.write("0/large.jpg", encode_jpeg({1001, 1000, std::vector<std::uint8_t>(1001 * 1000 * 3)}, 90));
  const auto refused_by = [&](const std::string& megapixels) {
    const ProgramResult result = predict({large, "--max-megapixels", megapixels});
    const ProgramResult evaluated = run_program(
        "tern-evaluate", {merged_model(), "--data", folder.path(), "--max-megapixels", megapixels});
    CHECK((result.exit_code == 1 && evaluated.exit_code == 1));
    return std::pair(result.err, evaluated.err);
  };
  const auto [small, small_evaluated] = refused_by("1");
  CHECK_THAT(small, Contains("1001000 pixels, the limit is 1000000"));
  CHECK_THAT(small_evaluated, Contains("1001000 pixels, the limit is 1000000"));
  const auto [enough, enough_evaluated] = refused_by("2");  // but the model takes 16x16 alone
  CHECK_THAT(enough, Contains("not 16x16"));
  CHECK_THAT(enough_evaluated, Contains("not 16x16"));
}

TEST_CASE("tern-predict: a folder is its images, nested ones too, sorted, and what is ignored is counted") {
  const TemporaryDirectory folder;
  const std::vector<std::string> images = some_digits(2);
  fs::create_directories(folder / "in/b");
  fs::copy_file(images[0], folder / "in/b/1.JPG");
  fs::copy_file(images[1], folder / "in/a.jpg");
  folder.write("in/b/notes.txt", "");
  const ProgramResult result = predict({folder / "in", images[0], "--json", "--top", "1"});
  require_success(result);
  const json all = json::parse(result.out);
  REQUIRE(all.size() == 3);
  CHECK(all[0].at("image") == (folder / "in/a.jpg").string());
  CHECK(all[1].at("image") == (folder / "in/b/1.JPG").string());
  CHECK(all[1].at("predictions") == all[2].at("predictions"));
  CHECK(result.err == fmt::format("{}: 2 images; 1 files ignored (.txt 1)\n", (folder / "in").string()));
}

TEST_CASE("tern-predict: a checkpoint is run as its merged model would be, a network in floats too") {
  const std::string image = some_digits(1).front();
  const auto run_model = [&](const fs::path& model) {
    const ProgramResult result = run_program("tern-predict", {model, image, "--json"});
    require_success(result);
    return json::parse(result.out);
  };
  CHECK(run_model(finished_run() / "best.safetensors") == predictions({image}));
  const TemporaryDirectory folder;
  require_success(
      train(folder.path(), {"--set", "model=mlp", "--set", "input.channels=1", "--set", "input.size=28",
                            "--set", "input.resize=28", "--set", "training.epochs=1"}));
  const fs::path floats = folder / "run/last.safetensors";
  require_success(run_program("tern-merge", {floats, "-o", folder / "merged"}));
  CHECK(run_model(floats) == run_model(folder / "merged"));
}

TEST_CASE("tern-predict: --benchmark prints speed and memory") {
  const ProgramResult result =
      predict({"--benchmark", "--seconds", "0", "--threads", "1", "--batch-size", "3", "--json"});
  require_success(result);
  const json speed = json::parse(result.out);
  CHECK(speed.at("batch") == 3);
  CHECK(speed.at("images_per_second").get<double>() * speed.at("median_seconds").get<double>() == Approx(3));
  CHECK(speed.at("calls") == 1);
  CHECK(speed.at("threads") == 1);
  CHECK(speed.at("input_size") == kImageSize);
  CHECK(speed.at("model_bytes") == fs::file_size(merged_model()));
  CHECK(speed.at("memory_bytes").get<double>() > 0);
}

TEST_CASE("tern-predict: --benchmark measures a checkpoint as the network that it merges to") {
  const fs::path checkpoint = finished_run() / "best.safetensors";
  const ProgramResult result =
      run_program("tern-predict", {checkpoint, "--benchmark", "--seconds", "0", "--threads", "1", "--json"});
  require_success(result);
  const json speed = json::parse(result.out);
  CHECK(speed.at("input_width") == kImageSize);
  CHECK(speed.at("model_bytes") == fs::file_size(checkpoint));
  CHECK(speed.at("images_per_second").get<double>() > 0);
}

TEST_CASE("tern-merge: --untrained makes a model to measure") {
  const TemporaryDirectory folder;
  const fs::path model = folder / "model.safetensors";
  require_success(run_program("tern-merge", {"--untrained", "cifar_resnet20_bwx2", "-o", model}));
  const ProgramResult result =
      run_program("tern-predict", {model, "--benchmark", "--seconds", "0", "--threads", "1"});
  require_success(result);
  CHECK_THAT(result.out, Contains("32x32 pixels, batch 1, 1 threads") && Contains("images/s") &&
                             Contains("(median of 1 calls; quartiles ") && Contains(" MB; file "));
  check_refused(run_program("tern-merge", {"--untrained", "resnet81_bwx2", "-o", model}), {"resnet18_bwx2"});

  const auto input_size_of = [&](const std::string& network) {
    require_success(run_program("tern-merge", {"--untrained", network, "-o", model}));
    const ProgramResult speed =
        run_program("tern-predict", {model, "--benchmark", "--seconds", "0", "--threads", "1", "--json"});
    require_success(speed);
    return json::parse(speed.out).at("input_size");
  };
  CHECK(input_size_of(R"({"name": "mlp", "input_size": 20, "classes": 7})") == 20);
  const fs::path config = folder.write(
      "config.json", R"({"output": "runs/none", "data": {"format": "image_folder", "path": "none"},
      "input": {"height": 12, "width": 20, "crop": "random"}, "model": {"name": "mlp", "hidden": [8]}})");
  CHECK(input_size_of(config) == json{12, 20});
}

TEST_CASE("examples/classify.c: a C program gives tern-predict's class, and reports what it cannot read") {
  const std::string path = some_digits(1).front();
  const ProgramResult result = run_program("classify", {merged_model(), path});
  require_success(result);
  const json best = predictions({path})[0].at("predictions")[0];
  std::istringstream line(result.out);
  int index = -1;
  std::string name;
  float logit = 0;
  line >> index >> name >> logit;
  CHECK(index == best.at("index"));
  CHECK(name == best.at("class"));
  CHECK(logit == Approx(best.at("logit").get<float>()).epsilon(1e-5));  // six digits are printed

  const TemporaryDirectory folder;
  const auto check_alike = [&](const std::string& image) {
    const fs::path picture = default_fixtures() / "images" / image;
    const ProgramResult of_c = run_program("classify", {folder / "model", picture});
    require_success(of_c);
    const ProgramResult of_program =
        run_program("tern-predict", {folder / "model", picture, "--json", "--top", "1"});
    require_success(of_program);
    const json expected = json::parse(of_program.out)[0].at("predictions")[0];
    CHECK(of_c.out == fmt::format("{} {} {:.6g}\n", expected.at("index").get<int>(),
                                  expected.at("class").get<std::string>(),
                                  expected.at("logit").get<double>()));
  };
  json input = json::parse(SafetensorsFile::open(merged_model()).metadata().at("input"));
  input.update({{"crop", "center"}, {"exif_orientation", false}, {"background", {0, 0, 0}}});
  rewrite_metadata(merged_model(), folder / "model", "input", input.dump());
  for (const char* image : {"turned_6.png", "rgba.png"}) check_alike(image);

  check_refused(run_program("classify", {folder / "none", path}), {"No such file"});
  check_refused(run_program("classify", {merged_model(), folder / "none.jpg"}), {"none.jpg: no such file"});
  const auto large =
      folder.write("large.jpg", encode_jpeg({40, 33, std::vector<std::uint8_t>(40 * 33 * 3)}, 90));
  check_refused(run_program("classify", {merged_model(), large}), {"40x33", "resize the picture"});
}

}  // namespace
}  // namespace tern::test
