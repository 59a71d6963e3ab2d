// A library of NVIDIA's that is loaded when it is first needed, and not with the program: programs start, and
// run on a CPU, where it is not installed, and its kernels cost no memory before they are wanted. Not for
// public headers.
#pragma once

#include <initializer_list>
#include <string>

namespace tern::cuda {

/// A library in this process, which is never closed.
class SharedLibrary {
 public:
  /// Loads the first of `files` that can be; names without a folder are looked for as those of any program
  /// are. Throws DeviceError "`name` cannot be loaded: the reason for the first file; `advice`".
  SharedLibrary(std::string name, std::initializer_list<const char*> files, const char* advice);

  /// Sets `function` to the function of this name. Throws DeviceError if the library has none, which is then
  /// of another version than Tern was built for.
  template <class Function>
  void find(const char* symbol, Function& function) const {
    function = reinterpret_cast<Function>(address_of(symbol));
  }

 private:
  void* address_of(const char* symbol) const;

  std::string name_;
  void* handle_ = nullptr;
};

}  // namespace tern::cuda
