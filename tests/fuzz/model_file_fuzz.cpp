// Feeds mutated checkpoints and merged models to load_model, which builds them as networks of layers. It must
// take them or throw an Error that names the file; anything else ends the run.
#include <cstdlib>
#include <string_view>

#include "tern/core/error.h"
#include "tern/models/model_file.h"
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/mutator.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const MemoryFile file;
  file.write(data, size);
  try {
    tern::load_model(file.path());
    remember_good_file(data, size);
  } catch (const tern::Error& error) {
    if (std::string_view(error.what()).find(file.path()) != 0) std::abort();
  }
  return 0;
}
