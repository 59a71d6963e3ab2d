#include "tests/support/run_program.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <thread>

namespace tern::test {
namespace {

// Files instead of pipes: they never fill up, so that nobody has to read while the program runs.
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File temporary_file() {
  File file(std::tmpfile(), &std::fclose);
  if (file == nullptr) throw std::runtime_error(std::string("temporary file: ") + std::strerror(errno));
  return file;
}

std::string content_of(std::FILE* file) {
  std::rewind(file);
  std::string text;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  return text;
}

// In the child, between fork and exec.
void limit_files(std::uint64_t bytes) {
  signal(SIGXFSZ, SIG_IGN);  // inherited through exec: a write beyond the limit fails instead of killing
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_FSIZE, &limit);
}

[[noreturn]] void become(const std::string& path, std::vector<char*>& arguments,
                         const ProgramOptions& options, int out, int err) {
  constexpr int kCannotStart = 127;
  if (!options.directory.empty() && chdir(options.directory.c_str()) != 0) _exit(kCannotStart);
  if (options.max_file_bytes > 0) limit_files(options.max_file_bytes);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  execv(path.c_str(), arguments.data());
  _exit(kCannotStart);
}

/// The wait status of `child`, which is signalled as `options` say.
int wait_for(pid_t child, const std::string& name, const ProgramOptions& options) {
  const auto deadline = std::chrono::steady_clock::now() + options.timeout;
  bool signalled = !options.signal_when;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (!signalled && options.signal_when()) {
      kill(child, options.signal);
      signalled = true;
    }
    if (std::chrono::steady_clock::now() > deadline) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      throw std::runtime_error(name + ": still running after the timeout");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return status;
}

}  // namespace

ProgramResult run_program(const std::string& name, const std::vector<std::string>& arguments,
                          const ProgramOptions& options) {
  const std::string path = std::filesystem::path(TERN_PROGRAMS) / name;
  if (access(path.c_str(), X_OK) != 0) throw std::runtime_error(path + ": is not built");
  std::vector<std::string> words{path};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  const File out = temporary_file(), err = temporary_file();
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
  if (child == 0) become(path, argv, options, fileno(out.get()), fileno(err.get()));
  const int status = wait_for(child, name, options);

  ProgramResult result;
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  result.out = content_of(out.get());
  result.err = content_of(err.get());
  return result;
}

}  // namespace tern::test
