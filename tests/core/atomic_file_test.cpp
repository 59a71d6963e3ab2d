#include "tern/core/atomic_file.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <thread>

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using tern::AtomicFile;
using tern::DataError;
using tern::write_file_atomically;
using tern::test::read_bytes;
using tern::test::TemporaryDirectory;

namespace fs = std::filesystem;

namespace {

/// Limits the size of files of this process while it lives; a write beyond it fails with EFBIG.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

std::string error_of_writing(const fs::path& path, std::string_view content) {
  try {
    write_file_atomically(path, content);
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

std::size_t files_in(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("atomic_file: commit replaces the file and leaves no temporary") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "file";
  write_file_atomically(path, "first, and longer");
  CHECK(read_bytes(path) == "first, and longer");
  AtomicFile file(path);
  file.write("sec", 3);
  file.write("ond", 3);
  CHECK(read_bytes(path) == "first, and longer");
  file.commit();
  CHECK(read_bytes(path) == "second");
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("atomic_file: without commit the previous file stays and the temporary goes") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "file";
  write_file_atomically(path, "previous");
  {
    AtomicFile file(path);
    file.write("half", 4);
    CHECK(fs::exists(directory / "file.tmp"));
  }
  CHECK(read_bytes(path) == "previous");
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("atomic_file: a temporary that an interrupted run left is overwritten") {
  const TemporaryDirectory directory;
  tern::test::write_bytes(directory / "file.tmp", "a longer rest of an interrupted run");
  write_file_atomically(directory / "file", "new");
  CHECK(read_bytes(directory / "file") == "new");
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("atomic_file: a path without directory is one in the working directory") {
  const TemporaryDirectory directory;
  const fs::path before = fs::current_path();
  fs::current_path(directory.path());
  const std::string error = error_of_writing("file", "content");
  fs::current_path(before);
  CHECK(error == "no error");
  CHECK(read_bytes(directory / "file") == "content");
}

TEST_CASE("atomic_file: a full disk is reported and the previous file stays") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "file";
  write_file_atomically(path, "previous");
  fs::create_symlink("/dev/full", directory / "file.tmp");
  const std::string error = error_of_writing(path, "new");
  CHECK_THAT(error, Catch::Contains(path.string()) && Catch::Contains("No space left on device") &&
                        Catch::Contains("free some space"));
  CHECK(read_bytes(path) == "previous");
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("atomic_file: a write that stops half-way is reported and the previous file stays") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "file";
  write_file_atomically(path, "previous");
  std::string error;
  {
    const FileSizeLimit limit(4096);
    error = error_of_writing(path, std::string(10000, 'x'));
  }
  CHECK_THAT(error, Catch::Contains("file.tmp: File too large; raise the limit"));
  CHECK(read_bytes(path) == "previous");
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("atomic_file: a directory that cannot be written is reported") {
  // Permission bits do not bind root; nobody creates files in the root of /proc.
  CHECK_THAT(error_of_writing("/proc/tern-test", "x"),
             Catch::Contains("cannot create /proc/tern-test.tmp") && Catch::Contains("; "));
}

TEST_CASE("atomic_file: a missing directory and a file in its place are reported with what to do") {
  const TemporaryDirectory directory;
  CHECK_THAT(error_of_writing(directory / "missing/file", "x"),
             Catch::Contains("missing/file.tmp: No such file or directory; check that"));
  write_file_atomically(directory / "plain", "a file");
  CHECK_THAT(error_of_writing(directory / "plain/file", "x"),
             Catch::Contains("plain/file.tmp: Not a directory; a part of the path"));
  CHECK(read_bytes(directory / "plain") == "a file");
}

TEST_CASE("atomic_file: a target that is a directory is reported and the temporary goes") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "target");
  CHECK_THAT(error_of_writing(directory / "target", "x"),
             Catch::Contains("cannot write") && Catch::Contains("Is a directory"));
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("atomic_file: writing after the commit is refused") {
  const TemporaryDirectory directory;
  AtomicFile file(directory / "file");
  file.commit();
  CHECK_THROWS_WITH(file.write("x", 1), Catch::Contains("after its commit"));
  CHECK_THROWS_WITH(file.commit(), Catch::Contains("second commit"));
}

TEST_CASE("atomic_file: a link stays one, and what it leads to is replaced") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "far");
  write_file_atomically(directory / "far/file", "previous");
  fs::create_symlink("far/file", directory / "relative");
  fs::create_symlink(directory / "relative", directory / "link");
  write_file_atomically(directory / "link", "new");
  CHECK(fs::is_symlink(directory / "link"));
  CHECK(fs::is_symlink(directory / "relative"));
  CHECK(read_bytes(directory / "far/file") == "new");
  fs::create_symlink("far/none", directory / "dangling");
  write_file_atomically(directory / "dangling", "made");
  CHECK(read_bytes(directory / "far/none") == "made");
  CHECK(files_in(directory / "far") == 2);
  fs::create_symlink("b", directory / "a");
  fs::create_symlink("a", directory / "b");
  CHECK_THAT(error_of_writing(directory / "a", "x"), Catch::Contains("symbolic links"));
}

TEST_CASE("atomic_file: a device and a pipe are written in place and stay what they are") {
  const TemporaryDirectory directory;
  write_file_atomically("/dev/null", "content");
  CHECK(fs::is_character_file("/dev/null"));
  CHECK_THAT(error_of_writing("/dev/full", "x"),
             Catch::Contains("cannot write /dev/full: No space left on device"));
  REQUIRE(mkfifo((directory / "pipe").c_str(), 0600) == 0);
  std::string read;
  std::thread reader([&] { read = read_bytes(directory / "pipe"); });
  write_file_atomically(directory / "pipe", "through the pipe");
  reader.join();
  CHECK(read == "through the pipe");
  CHECK(fs::is_fifo(directory / "pipe"));
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("atomic_file: the permissions of the file before stay") {
  const TemporaryDirectory directory;
  write_file_atomically(directory / "file", "previous");
  fs::permissions(directory / "file", fs::perms::owner_read | fs::perms::owner_write);
  write_file_atomically(directory / "file", "new");
  CHECK(fs::status(directory / "file").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}
