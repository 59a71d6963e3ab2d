// The merged network in other formats.
#include <algorithm>

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

/// Compiles `source`, strictly as `language` of `standard`, beside the headers in `folder`, and links what
/// `libraries` name.
fs::path compile(const TemporaryDirectory& folder, const std::string& source, const std::string& language,
                 const std::string& standard, const std::vector<std::string>& libraries = {}) {
  const fs::path program = folder / "program";
  std::vector<std::string> arguments{"-Wall",
                                     "-Wextra",
                                     "-Werror",
                                     "-pedantic",
                                     "-std=" + standard,
                                     "-x",
                                     language,
                                     folder.write("program.source", source),
                                     "-o",
                                     program,
                                     "-x",
                                     "none"};
  arguments.insert(arguments.end(), libraries.begin(), libraries.end());
  require_success(run_program(TERN_COMPILER, arguments));
  return program;
}

std::string output_of(const fs::path& program, const std::vector<std::string>& arguments = {}) {
  const ProgramResult result = run_program(program, arguments);
  require_success(result);
  return result.out;
}

TEST_CASE("tern-merge: a C header holds the bytes of the model file, for C and for C++") {
  const TemporaryDirectory folder;
  const std::string model = read_bytes(merge_to(folder, "digits.safetensors", "safetensors"));
  merge_to(folder, "digits.h", "c-header");
  const std::string source =
      "#include <stdio.h>\n#include \"digits.h\"\n#include \"digits.h\"\n"
      "int main(void) {\n"
      "  if ((size_t)tern_digits % 64 != 0) return 1;\n"
      "  return fwrite(tern_digits, 1, tern_digits_size, stdout) == tern_digits_size ? 0 : 1;\n}\n";
  CHECK(output_of(compile(folder, source, "c", "c11")) == model);
  CHECK(output_of(compile(folder, source, "c++", "c++11")) == model);
}

TEST_CASE("tern-merge: a C program runs the model that it carries in itself as it runs the file") {
  const TemporaryDirectory folder;
  const fs::path model = merge_to(folder, "digits.safetensors", "safetensors");
  merge_to(folder, "digits.h", "c-header");
  const std::string source = R"(
#include <stdio.h>
#include "digits.h"
#include "tern/models/engine/tern_engine.h"

static unsigned char image[16 * 16 * 3];

int main(int argc, char** argv) {
  tern_engine* engine = NULL;
  float logits[10];
  int i;
  if (argc > 1) {
    tern_engine_load_file(argv[1], 1, &engine);
  } else {
    tern_engine_load_memory(tern_digits, tern_digits_size, 1, &engine);
  }
  for (i = 0; i < (int)sizeof image; ++i) image[i] = (unsigned char)(i * 7);
  if (engine == NULL || tern_engine_run_u8(engine, image, 1, 16, 16, logits) != TERN_ENGINE_OK) {
    fprintf(stderr, "%s\n", tern_engine_error());
    return 1;
  }
  for (i = 0; i < 10; ++i) printf("%a\n", (double)logits[i]);
  tern_engine_free(engine);
  return 0;
})";
  const std::string libraries = TERN_LIBRARIES, sanitizers = TERN_SANITIZERS;
  std::vector<std::string> link{"-I" TERN_HEADERS, "-L" + libraries, "-ltern_engine",
                                "-Wl,-rpath," + libraries};
  if (!sanitizers.empty()) link.push_back("-fsanitize=" + sanitizers);
  const fs::path program = compile(folder, source, "c", "c11", link);
  const std::string logits = output_of(program);
  CHECK(std::count(logits.begin(), logits.end(), '\n') == 10);
  CHECK(output_of(program, {model}) == logits);
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
