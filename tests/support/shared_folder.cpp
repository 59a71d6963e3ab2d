#include "tests/support/shared_folder.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cstdlib>

#include "tern/core/file_descriptor.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {

namespace fs = std::filesystem;

fs::path shared_folder(const std::string& name, const std::function<void(const fs::path&)>& make) {
  static const TemporaryDirectory own;
  const char* given = std::getenv("TERN_TEST_FOLDER");
  const fs::path parent = given == nullptr ? own.path() : fs::path(given);
  const fs::path folder = parent / name, done = parent / (name + ".done");
  fs::create_directories(parent);
  const FileDescriptor lock(::open((parent / (name + ".lock")).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (::flock(lock.number(), LOCK_EX) != 0) throw std::runtime_error("cannot lock " + folder.string());
  if (!fs::exists(done)) {
    fs::remove_all(folder);
    fs::create_directory(folder);
    make(folder);
    write_bytes(done, "");
  }
  return folder;
}

}  // namespace tern::test
