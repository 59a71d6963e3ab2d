// TERN_HOST_DEVICE marks an inline function that CUDA kernels call as well, so that host and device run the
// same code. TERN_CALLS_BACK stands before such a template that calls a function object of the caller's,
// which then needs to run on the caller's device only.
#pragma once

#ifdef __CUDACC__
#define TERN_HOST_DEVICE __host__ __device__
#define TERN_CALLS_BACK _Pragma("nv_exec_check_disable")
#else
#define TERN_HOST_DEVICE
#define TERN_CALLS_BACK
#endif
