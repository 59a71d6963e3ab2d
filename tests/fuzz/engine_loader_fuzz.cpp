// Feeds files of merged models that went through mutations to the engine's loader. It must take them or throw
// an Error that names the file; anything else, from std::out_of_range to what the sanitizers find, ends the
// run.
#include <cstdlib>
#include <string_view>

#include "tern/core/byte_source.h"
#include "tern/core/error.h"
#include "tern/models/engine/model_reader.h"
#include "tern/models/engine/plan.h"
#include "tests/fuzz/mutator.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source = tern::memory_source(data, size, "the-file");
  try {
    tern::engine::ModelReader reader(*source);
    const tern::engine::Plan plan(reader, 1);
    remember_good_file(data, size);
  } catch (const tern::Error& error) {
    if (std::string_view(error.what()).find("the-file") != 0) std::abort();
  }
  return 0;
}
