// Damaged and foreign checkpoints: every program that reads one refuses it and says why.
#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;

/// Lets tern-evaluate, tern-merge and tern-train --resume read `checkpoint`; none may take it.
void check_all_refuse(const fs::path& checkpoint, const std::vector<std::string>& pieces) {
  const TemporaryDirectory folder;
  check_refused(run_program("tern-evaluate", {checkpoint, "--data", digits() / "test", "--threads", "1"}),
                pieces);
  check_refused(run_program("tern-merge", {checkpoint, "-o", folder / "merged.safetensors"}), pieces);
  CHECK_FALSE(fs::exists(folder / "merged.safetensors"));

  fs::copy(finished_run(), folder / "run");
  fs::copy(checkpoint, folder / "run/last.safetensors", fs::copy_options::overwrite_existing);
  const std::string metrics = read_bytes(folder / "run/metrics.csv");
  check_refused(train(folder.path(), {"--resume", "--set", "training.epochs=3"}), pieces);
  CHECK(read_bytes(folder / "run/last.safetensors") == read_bytes(checkpoint));
  CHECK(read_bytes(folder / "run/metrics.csv") == metrics);
}

TEST_CASE("programs: a truncated checkpoint is refused") {
  const TemporaryDirectory folder;
  const std::string whole = read_bytes(finished_run() / "last.safetensors");
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{300}, whole.size() - 1}) {
    INFO(size << " bytes");
    check_all_refuse(folder.write("cut.safetensors", whole.substr(0, size)), {".safetensors"});
  }
}

TEST_CASE("programs: a checkpoint with one wrong bit is refused, wherever the bit is") {
  const TemporaryDirectory folder;
  const std::string whole = read_bytes(finished_run() / "last.safetensors");
  // In the length of the header, its checksum, its text, the first and the last weights.
  const std::size_t header =
      static_cast<unsigned char>(whole[0]) + 256u * static_cast<unsigned char>(whole[1]);
  for (const std::size_t at : {std::size_t{1}, std::size_t{45}, header / 2, header + 9, whole.size() - 1}) {
    INFO("byte " << at);
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    check_all_refuse(folder.write("damaged.safetensors", damaged), {".safetensors"});
  }
}

TEST_CASE("programs: the message on a wrong bit in a weight speaks of the checksum") {
  const TemporaryDirectory folder;
  std::string damaged = read_bytes(finished_run() / "last.safetensors");
  damaged[damaged.size() - 2] = static_cast<char>(damaged[damaged.size() - 2] ^ 1);
  check_all_refuse(folder.write("damaged.safetensors", damaged), {"checksum"});
}

TEST_CASE("programs: a file that is no checkpoint, or none at all, is refused") {
  const TemporaryDirectory folder;
  check_all_refuse(folder.write("notes.txt", "These are notes, and long enough to have a header.\n"), {});
  const fs::path none = folder / "none.safetensors";
  check_refused(run_program("tern-evaluate", {none, "--data", digits() / "test"}), {none.string()});
  check_refused(run_program("tern-merge", {none, "-o", folder / "merged"}), {none.string()});
  check_refused(run_program("tern-merge", {folder.path(), "-o", folder / "merged"}),
                {folder.path().string()});
}

TEST_CASE("programs: tensors of another architecture are listed: missing, unexpected, of another shape") {
  const TemporaryDirectory folder;
  const fs::path claims_more = folder / "claims_more.safetensors";
  rewrite_metadata(finished_run() / "last.safetensors", claims_more, "model",
                   R"({"family": "resnet", "block": "basic", "stem": "cifar", "widths": [8, 12],)"
                   R"( "depths": [1, 1], "classes": 10, "input_size": 16})");
  const std::vector<std::string> pieces{
      "nothing was loaded",    "missing (",         "unexpected (",
      "layer1.0.conv1.weight", "features.0.weight", "fc.weight is f32 (10, 16), expected f32 (10, 12)"};
  check_refused(run_program("tern-evaluate", {claims_more, "--data", digits() / "test"}), pieces);
  check_refused(run_program("tern-merge", {claims_more, "-o", folder / "merged"}), pieces);
}

TEST_CASE("programs: numbers and metadata that no model can have are refused by file and field") {
  const TemporaryDirectory folder;
  const fs::path merged = folder / "merged.safetensors", bad = folder / "bad.safetensors";
  require_success(run_program("tern-merge", {finished_run() / "last.safetensors", "-o", merged}));
  const auto check_evaluation = [&](const std::vector<std::string>& pieces) {
    check_refused(run_program("tern-evaluate", {bad, "--data", digits() / "test", "--threads", "1"}), pieces);
  };
  for (const std::string name : {"features.1.running_var", "features.3.conv1.weight.scale"}) {
    rewrite_tensor(merged, bad, name, Tensor::full({8}, -1));
    check_evaluation({bad.string(), name, "-1"});
    check_refused(run_program("tern-merge", {bad, "-o", folder / "out.h", "--format", "c-header"}),
                  {bad.string(), "-1"});
  }
  rewrite_tensor(merged, bad, "features.3.conv1.weight.trits",
                 Tensor::from<std::uint8_t>({116}, std::vector<std::uint8_t>(116, 243)));
  check_evaluation({bad.string(), "features.3.conv1.weight.trits", "243"});
  rewrite_metadata(merged, bad, "input", R"({"size": 0})");
  check_evaluation({bad.string(), "metadata"});
  rewrite_metadata(merged, bad, "graph", R"({"nodes": [{"name": "images", "op": "input", "shape": [0]}]})");
  check_evaluation({bad.string(), "metadata \"graph\""});
  rewrite_metadata(finished_run() / "last.safetensors", bad, "model",
                   R"({"family": "resnet", "block": "sttn", "widths": [8192], "depths": [200]})");
  check_evaluation({bad.string(), "metadata \"model\"", "are too few"});
  CHECK_FALSE(fs::exists(folder / "out.h"));
}

TEST_CASE("tern-train: --resume with another network lists what differs and changes nothing") {
  const TemporaryDirectory folder;
  fs::copy(finished_run(), folder / "run");
  const std::vector<std::string> resume{"--resume", "--set", "training.epochs=3", "--set"};
  const auto with = [&resume](const std::string& setting) {
    std::vector<std::string> arguments = resume;
    arguments.push_back(setting);
    return arguments;
  };
  check_refused(train(folder.path(), with("model.depths=[1,2]")),
                {"nothing was loaded", "missing (", "features.5."});
  check_refused(train(folder.path(), with("model.widths=[8,12]")),
                {"of another shape or type (", "features.4.prelu1.weight is f32 (16,), expected f32 (12,)"});
  check_refused(train(folder.path(), with("training.weight_gradient=exact")),
                {"another architecture", "exact"});
  check_refused(train(folder.path(), with("optimizer.name=adam")), {});
  for (const char* name : {"last.safetensors", "metrics.csv", "log.jsonl", "config.json"}) {
    CHECK(read_bytes(folder / "run" / name) == read_bytes(finished_run() / name));
  }
}

TEST_CASE("tern-train: --resume without the state of its checkpoint, or with a damaged one, is refused") {
  const TemporaryDirectory folder;
  fs::copy(finished_run(), folder / "run");
  const fs::path state = folder / "run" / ("state-2-" + std::to_string(2 * kStepsPerEpoch) + ".safetensors");
  std::string damaged = read_bytes(state);
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
  write_bytes(state, damaged);
  check_refused(train(folder.path(), {"--resume"}), {state.filename().string(), "checksum"});
  fs::remove(state);
  check_refused(train(folder.path(), {"--resume"}), {state.filename().string()});
}

}  // namespace
}  // namespace tern::test
