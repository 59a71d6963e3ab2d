// Places that cannot be written: the programs fail, and what was there before stays.
#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;

// A limit on the size of files stands for the full disk: the failing write takes the same way.
ProgramOptions full_disk(std::uint64_t bytes) {
  ProgramOptions options;
  options.max_file_bytes = bytes;
  return options;
}

bool has_temporary_files(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".tmp") return true;
  }
  return false;
}

TEST_CASE("tern-train: an output folder that cannot be made is refused") {
  const TemporaryDirectory folder;
  folder.write("file", "in the way");
  check_refused(train(folder.path(), {"--set", "output=file/run"}),
                {"file/run", "cannot create the output folder"});
  check_refused(train(folder.path(), {"--set", "output=file"}), {"file"});
  CHECK(read_bytes(folder / "file") == "in the way");
}

TEST_CASE("tern-train: a checkpoint that does not fit on the disk leaves the previous one intact",
          "[plain]") {
  const TemporaryDirectory folder;
  fs::copy(finished_run(), folder / "run");
  const std::uint64_t limit = fs::file_size(finished_run() / "last.safetensors") - 1000;
  const auto result = train(folder.path(), {"--resume", "--set", "training.epochs=3"}, full_disk(limit));
  check_refused(result, {".safetensors", "File too large"});
  CHECK(read_bytes(folder / "run/last.safetensors") == read_bytes(finished_run() / "last.safetensors"));
  CHECK(read_bytes(folder / "run/best.safetensors") == read_bytes(finished_run() / "best.safetensors"));
  CHECK_FALSE(has_temporary_files(folder / "run"));

  const TemporaryDirectory undisturbed;  // with room again, the run goes on as if nothing had been
  fs::copy(finished_run(), undisturbed / "run");
  require_success(train(undisturbed.path(), {"--resume", "--set", "training.epochs=3"}));
  require_success(train(folder.path(), {"--resume", "--set", "training.epochs=3"}));
  CHECK(read_bytes(folder / "run/last.safetensors") == read_bytes(undisturbed / "run/last.safetensors"));
}

TEST_CASE("tern-merge: a model that does not fit on the disk leaves the previous file intact") {
  const TemporaryDirectory folder;
  const fs::path merged = folder.write("merged.safetensors", "the previous one");
  const std::vector<std::string> arguments{finished_run() / "last.safetensors", "-o", merged};
  check_refused(run_program("tern-merge", arguments, full_disk(2000)),
                {"merged.safetensors", "File too large"});
  CHECK(read_bytes(merged) == "the previous one");
  CHECK_FALSE(has_temporary_files(folder.path()));
  folder.write("file", "");
  check_refused(run_program("tern-merge", {finished_run() / "last.safetensors", "-o", folder / "file/m"}),
                {"file/m"});
}

TEST_CASE("tern-merge, tern-import: the file that is read is no output, under whatever name") {
  const TemporaryDirectory folder;
  const fs::path checkpoint = folder / "a.safetensors";
  fs::copy(finished_run() / "last.safetensors", checkpoint);
  fs::create_symlink("a.safetensors", folder / "b.safetensors");
  for (const char* output : {"a.safetensors", "b.safetensors"}) {
    check_refused(run_program("tern-merge", {checkpoint, "-o", folder / output}),
                  {"is the file that is read"});
    check_refused(run_program("tern-import", {checkpoint, "--model", "resnet18", "-o", folder / output}),
                  {"is the file that is read"});
  }
  CHECK(read_bytes(checkpoint) == read_bytes(finished_run() / "last.safetensors"));
}

TEST_CASE("tern-merge: the standard output holds the model and nothing else", "[plain]") {
  const TemporaryDirectory folder;
  const std::string program = fs::path(TERN_PROGRAMS) / "tern-merge";
  const std::string merge = program + " " + (finished_run() / "last.safetensors").string() + " -o ";
  const ProgramResult result =
      run_program("/bin/sh", {"-c", merge + "/dev/stdout | cat > " + (folder / "piped").string() + " && " +
                                        merge + (folder / "direct").string()});
  require_success(result);
  CHECK(read_bytes(folder / "piped") == read_bytes(folder / "direct"));
}

TEST_CASE("tern-merge: a device is written in place, and --check says that it cannot read it") {
  const fs::path checkpoint = finished_run() / "last.safetensors";
  require_success(run_program("tern-merge", {checkpoint, "-o", "/dev/null"}));
  CHECK(fs::is_character_file("/dev/null"));
  check_refused(run_program("tern-merge", {checkpoint, "-o", "/dev/null", "--check"}),
                {"/dev/null", "--check"});
  check_refused(run_program("tern-merge", {checkpoint, "-o", "/dev/full"}), {"/dev/full", "No space left"});
}

TEST_CASE("tern-data: images that do not fit on the disk leave no half data set") {
  const TemporaryDirectory folder;
  check_refused(
      run_program("tern-data", {"digits", folder / "out", "--train", "10", "--test", "10"}, full_disk(512)),
      {"cannot be written"});
  CHECK_FALSE(fs::exists(folder / "out"));
}

TEST_CASE("programs: output that cannot be written is an error") {
  const std::string program = fs::path(TERN_PROGRAMS) / "tern-predict";
  for (const char* full : {">/dev/full", ">&-"}) {
    const ProgramResult result = run_program("/bin/sh", {"-c", "exec " + program + " --help " + full});
    check_refused(result, {"cannot write to the standard output: "});
  }
}

}  // namespace
}  // namespace tern::test
