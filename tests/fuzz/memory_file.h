#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

/// A file in memory, with a path.
class MemoryFile {
 public:
  MemoryFile() : number_(::memfd_create("file", 0)), path_("/proc/self/fd/" + std::to_string(number_)) {}

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
