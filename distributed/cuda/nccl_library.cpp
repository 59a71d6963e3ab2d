#include "tern/core/cuda/shared_library.h"
#include "tern/distributed/cuda/nccl.h"

namespace tern::nccl {

const Functions& functions() {
  static const Functions all = [] {
    const cuda::SharedLibrary library("NCCL, by which GPUs exchange gradients,", {"libnccl.so.2"},
                                      "install it (libnccl2, 2.18 or later) or put its folder on "
                                      "LD_LIBRARY_PATH; with distributed.backend=mpi "
                                      "gradients go through the memory of the host");
    Functions found{};
    library.find("ncclGetUniqueId", found.get_unique_id);
    library.find("ncclCommInitRankConfig", found.comm_init_rank_config);
    library.find("ncclCommGetAsyncError", found.comm_get_async_error);
    library.find("ncclCommDestroy", found.comm_destroy);
    library.find("ncclCommAbort", found.comm_abort);
    library.find("ncclGetErrorString", found.get_error_string);
    library.find("ncclGroupStart", found.group_start);
    library.find("ncclGroupEnd", found.group_end);
    library.find("ncclSend", found.send);
    library.find("ncclRecv", found.recv);
    library.find("ncclAllReduce", found.all_reduce);
    return found;
  }();
  return all;
}

}  // namespace tern::nccl
