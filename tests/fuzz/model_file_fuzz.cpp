// Feeds mutated checkpoints and merged models to load_model, which builds them as networks of layers. It must
// take them or throw an Error that names the file; anything else ends the run.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "tern/core/error.h"
#include "tern/models/model_file.h"
#include "tests/fuzz/mutator.h"

namespace {

/// A file in memory, with a path.
class MemoryFile {
 public:
  MemoryFile() : number_(::memfd_create("model", 0)), path_("/proc/self/fd/" + std::to_string(number_)) {}

  const std::string& path() const { return path_; }

  void write(const std::uint8_t* data, std::size_t size) const {
    if (::ftruncate(number_, 0) != 0 || ::pwrite(number_, data, size, 0) != static_cast<ssize_t>(size)) {
      std::abort();
    }
  }

 private:
  int number_;
  std::string path_;
};

}  // namespace

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
