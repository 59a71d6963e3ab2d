// The merged network in other formats.
#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;

/// Merges finished_run() into the file `name` of `folder`.
fs::path merge_to(const TemporaryDirectory& folder, const std::string& name, const std::string& format) {
  require_success(run_program(
      "tern-merge", {finished_run() / "best.safetensors", "-o", folder / name, "--format", format}));
  return folder / name;
}

/// What a program prints that includes `header`, compiled strictly as `language` is.
std::string output_with(const TemporaryDirectory& folder, const std::string& language,
                        const std::string& standard) {
  const fs::path program = folder / "program";
  require_success(
      run_program(TERN_COMPILER, {"-x", language, "-std=" + standard, "-Wall", "-Wextra", "-Werror",
                                  "-pedantic", folder / "program.source", "-o", program}));
  const ProgramResult result = run_program(program, {});
  require_success(result);
  return result.out;
}

TEST_CASE("tern-merge: a C header holds the bytes of the model file, for C and for C++") {
  const TemporaryDirectory folder;
  const std::string model = read_bytes(merge_to(folder, "digits.safetensors", "safetensors"));
  merge_to(folder, "digits.h", "c-header");
  folder.write("program.source",
               "#include <stdio.h>\n#include \"digits.h\"\n#include \"digits.h\"\n"
               "int main(void) {\n"
               "  if ((size_t)tern_digits % 64 != 0) return 1;\n"
               "  return fwrite(tern_digits, 1, tern_digits_size, stdout) == tern_digits_size ? 0 : 1;\n}\n");
  CHECK(output_with(folder, "c", "c11") == model);
  CHECK(output_with(folder, "c++", "c++11") == model);
}

TEST_CASE("tern-merge: a merged model becomes a C header as its pair does") {
  const TemporaryDirectory folder;
  const fs::path of_pair = merge_to(folder, "digits.h", "c-header");
  const fs::path merged = merge_to(folder, "digits.safetensors", "safetensors");
  fs::create_directory(folder / "again");
  const fs::path of_merged = folder / "again/digits.h";
  require_success(run_program("tern-merge", {merged, "-o", of_merged, "--format", "c-header"}));
  CHECK(read_bytes(of_merged) == read_bytes(of_pair));
}

TEST_CASE("tern-merge: a format that is none, or cannot be checked, is a wrong command line") {
  const TemporaryDirectory folder;
  const fs::path pair = finished_run() / "best.safetensors", out = folder / "out";
  ProgramResult result = run_program("tern-merge", {pair, "-o", out, "--format", "zip"});
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.err, Contains("--format") && Contains("c-header"));
  result = run_program("tern-merge", {pair, "-o", out, "--format", "c-header", "--check"});
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.err, Contains("--check") && Contains("safetensors"));
  CHECK_FALSE(fs::exists(out));
}

}  // namespace
}  // namespace tern::test
