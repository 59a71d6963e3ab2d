#include "tern/core/cuda/shared_library.h"

#include <dlfcn.h>

#include "tern/core/error.h"

namespace tern::cuda {

SharedLibrary::SharedLibrary(std::string name, std::initializer_list<const char*> files, const char* advice)
    : name_(std::move(name)) {
  std::string reason;
  for (const char* file : files) {
    handle_ = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (handle_ != nullptr) return;
    if (reason.empty()) reason = dlerror();
  }
  throw DeviceError(fmt::format("{} cannot be loaded: {}; {}", name_, reason, advice));
}

void* SharedLibrary::address_of(const char* symbol) const {
  void* address = dlsym(handle_, symbol);
  require<DeviceError>(address != nullptr,
                       "{}: the library that was loaded has no {}; Tern needs another version of it", name_,
                       symbol);
  return address;
}

}  // namespace tern::cuda
