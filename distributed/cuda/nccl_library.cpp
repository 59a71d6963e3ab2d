#include <dlfcn.h>

#include "tern/core/error.h"
#include "tern/distributed/cuda/nccl.h"

namespace tern::nccl {
namespace {

constexpr const char* kLibrary = "libnccl.so.2";

void* open_library() {
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  require<DeviceError>(
      library != nullptr,
      "NCCL, by which GPUs exchange gradients, cannot be loaded: {}; install it (libnccl2) or put "
      "its folder on LD_LIBRARY_PATH; with distributed.backend=mpi gradients go through the "
      "memory of the host",
      dlerror());
  return library;
}

template <class Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  require<DeviceError>(function != nullptr, "NCCL: {} has no {}; Tern needs version 2.18 or later", kLibrary,
                       name);
}

}  // namespace

const Functions& functions() {
  static const Functions all = [] {
    void* library = open_library();  // never closed
    Functions found{};
    find(library, "ncclGetUniqueId", found.get_unique_id);
    find(library, "ncclCommInitRankConfig", found.comm_init_rank_config);
    find(library, "ncclCommGetAsyncError", found.comm_get_async_error);
    find(library, "ncclCommDestroy", found.comm_destroy);
    find(library, "ncclCommAbort", found.comm_abort);
    find(library, "ncclGetErrorString", found.get_error_string);
    find(library, "ncclGroupStart", found.group_start);
    find(library, "ncclGroupEnd", found.group_end);
    find(library, "ncclSend", found.send);
    find(library, "ncclRecv", found.recv);
    find(library, "ncclAllReduce", found.all_reduce);
    return found;
  }();
  return all;
}

}  // namespace tern::nccl
