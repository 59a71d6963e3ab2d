// The part of NCCL that Tern uses, and where it comes from. Not for public headers.
//
// The library is loaded when processes with a GPU each first need it: a program runs without it. These are
// declarations of its interface (2.18 and later) of our own, for the CUDA toolkit does not bring NCCL's
// header.
#pragma once

#include <cuda_runtime.h>

#include <climits>
#include <cstddef>

struct ncclComm;

namespace tern::nccl {

enum class Result : int {
  success = 0,
  system_error = 2,
  invalid_argument = 4,
  invalid_usage = 5,
  remote_error = 6,
  in_progress = 7,
};
enum class DataType : int { float32 = 7 };
enum class Operation : int { sum = 0 };

using Communicator = ncclComm*;

struct UniqueId {
  char bytes[128];
};

/// ncclConfig_t of 2.18, which later versions take, too.
struct Config {
  std::size_t size = sizeof(Config);
  unsigned magic = 0xcafebeef;
  unsigned version = 21800;
  int blocking = INT_MIN;  // as the rest: NCCL chooses
  int cga_cluster_size = INT_MIN;
  int min_ctas = INT_MIN;
  int max_ctas = INT_MIN;
  const char* net_name = nullptr;
  int split_share = INT_MIN;
};

/// ncclGetUniqueId, ncclCommInitRankConfig, ...
struct Functions {
  Result (*get_unique_id)(UniqueId* id);
  Result (*comm_init_rank_config)(Communicator* communicator, int ranks, UniqueId id, int rank,
                                  Config* config);
  Result (*comm_get_async_error)(Communicator communicator, Result* error);
  Result (*comm_destroy)(Communicator communicator);
  Result (*comm_abort)(Communicator communicator);
  const char* (*get_error_string)(Result result);
  Result (*group_start)();
  Result (*group_end)();
  Result (*send)(const void* from, std::size_t count, DataType type, int peer, Communicator communicator,
                 cudaStream_t stream);
  Result (*recv)(void* to, std::size_t count, DataType type, int peer, Communicator communicator,
                 cudaStream_t stream);
  Result (*all_reduce)(const void* from, void* to, std::size_t count, DataType type, Operation operation,
                       Communicator communicator, cudaStream_t stream);
};

/// Throws DeviceError, saying what to install, if the library cannot be loaded. In the emulated build it is
/// that of tests/emulation/libraries/nccl.cpp.
const Functions& functions();

}  // namespace tern::nccl
